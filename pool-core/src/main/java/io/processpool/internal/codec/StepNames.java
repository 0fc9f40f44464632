package io.processpool.internal.codec;

import java.io.ObjectStreamClass;
import java.io.ObjectStreamField;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Names the step from an object to one that it refers to: {@code field owner}, {@code [3]}, {@code map key}. */
final class StepNames {

    static final String ENCLOSING = "enclosing instance";

    private static final int MAX_ELEMENTS = 1_000_000;

    private static final int MAX_KEY_LENGTH = 80;

    /**
     * A step.
     *
     * @param name its name; that of an element starts with a bracket
     * @param target where it leads
     */
    record Step(String name, Object target) {}

    private final Object next;
    private final Predicate<Object> isTarget;

    /**
     * Looks for the name of one step.
     *
     * @param next what serialization writes there
     * @param isTarget recognizes the object that is referred to: it may have a {@code writeReplace}
     */
    StepNames(Object next, Predicate<Object> isTarget) {
        this.next = next;
        this.isTarget = isTarget;
    }

    /**
     * Finds the step.
     *
     * @param object the object from which it leads
     * @param written what serialization writes for it: the object itself or what {@code writeReplace} returned
     * @return the step, with a vague name if there is no better one
     */
    Step from(Object object, Object written) {
        try {
            Step step = null;
            if (object instanceof Object[] array) {
                step = arrayElement(array);
            } else if (isJdk(object) && object instanceof Map<?, ?> map) {
                step = mapEntry(map);
            } else if (isJdk(object) && object instanceof Collection<?> collection) {
                step = element(collection);
            }
            if (step == null) {
                step = isJdk(written) ? onlyFittingField(written) : field(written);
            }
            if (step != null) {
                return step;
            }
        } catch (RuntimeException | LinkageError e) {
            // A collection that changes meanwhile, or a field of a class that is not there.
        }
        return new Step("content", next);
    }

    /** Only of JDK collections is it known that an iteration has no side effects; their fields are out of reach. */
    private static boolean isJdk(Object object) {
        return object.getClass().getClassLoader() == null;
    }

    private @Nullable Step step(@Nullable Object target, String name) {
        return target != null && isTarget.test(target) ? new Step(name, target) : null;
    }

    private @Nullable Step arrayElement(Object[] array) {
        Step step = null;
        for (int i = 0; step == null && i < array.length; i++) {
            step = step(array[i], "[" + i + "]");
        }
        return step;
    }

    private @Nullable Step element(Collection<?> collection) {
        int index = 0;
        for (Object element : collection) {
            Step step = step(element, collection instanceof List ? "[" + index + "]" : "element");
            if (step != null || ++index == MAX_ELEMENTS) {
                return step;
            }
        }
        return null;
    }

    private @Nullable Step mapEntry(Map<?, ?> map) {
        int index = 0;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            Step step = step(entry.getKey(), "map key");
            if (step == null) {
                step = step(entry.getValue(), "map value for key ");
                step = step == null ? null : new Step(step.name() + key(entry.getKey()), step.target());
            }
            if (step != null || ++index == MAX_ELEMENTS) {
                return step;
            }
        }
        return null;
    }

    private static String key(@Nullable Object key) {
        if (key instanceof String string) {
            return '"'
                    + (string.length() <= MAX_KEY_LENGTH ? string : string.substring(0, MAX_KEY_LENGTH) + "...")
                    + '"';
        }
        if (key instanceof Enum<?> constant) {
            return constant.name();
        }
        if (key == null || (key instanceof Number && isJdk(key))) {
            return String.valueOf(key);
        }
        return "of class " + ClassNames.of(key.getClass());
    }

    private @Nullable Step field(Object holder) {
        for (Class<?> type = holder.getClass(); type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                Step step = isReference(field) ? step(value(field, holder), fieldName(type, field)) : null;
                if (step != null) {
                    return step;
                }
            }
        }
        return onlyFittingField(holder);
    }

    private static boolean isReference(Field field) {
        return !field.getType().isPrimitive() && !Modifier.isStatic(field.getModifiers());
    }

    private static @Nullable Object value(Field field, Object holder) {
        try {
            return field.trySetAccessible() ? field.get(holder) : null;
        } catch (IllegalAccessException e) {
            return null;
        }
    }

    private static String fieldName(Class<?> type, Field field) {
        String name = field.getName();
        if (field.isSynthetic() && name.startsWith("this$")) {
            return ENCLOSING;
        }
        if (field.isSynthetic() && name.startsWith("val$")) {
            return "captured variable " + name.substring("val$".length());
        }
        return (type.isRecord() ? "component " : "field ") + name;
    }

    /** Where reflection may not look: the field whose type admits the object, if a class has just one. */
    private @Nullable Step onlyFittingField(Object holder) {
        for (Class<?> type = holder.getClass(); type != null; type = type.getSuperclass()) {
            ObjectStreamClass descriptor = ObjectStreamClass.lookup(type);
            String only = null;
            int fitting = 0;
            for (ObjectStreamField field : descriptor == null ? new ObjectStreamField[0] : descriptor.getFields()) {
                if (field.getType().isInstance(next)) {
                    only = field.getName();
                    fitting++;
                }
            }
            if (fitting == 1) {
                return new Step("field " + only, next);
            }
        }
        return null;
    }
}
