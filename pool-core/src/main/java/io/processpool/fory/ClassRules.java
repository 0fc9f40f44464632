package io.processpool.fory;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.fory.resolver.DisallowedList;
import org.jspecify.annotations.Nullable;

/** Which classes may travel, apart from those that Fory has built in. Immutable. */
final class ClassRules {

    private final List<Class<?>> registered;
    private final @Nullable List<String> allowed;

    /**
     * Makes the rules.
     *
     * @param registered the classes that the user registered, in their order
     * @param allowed what may travel as well, as names and beginnings of names; null if nothing
     */
    ClassRules(List<Class<?>> registered, @Nullable List<String> allowed) {
        this.registered = registered;
        this.allowed = allowed;
        for (Class<?> type : registered) {
            if (DisallowedList.contains(type.getName())) {
                throw new IllegalArgumentException("classes must be safe to read: " + type.getTypeName());
            }
        }
    }

    /** Tells whether there can be objects of exactly this class. An enum has some even if it is abstract. */
    static boolean isConcrete(Class<?> type) {
        return type.isEnum()
                || !(type.isPrimitive()
                        || type.isArray()
                        || type.isHidden()
                        || Modifier.isAbstract(type.getModifiers()));
    }

    boolean requireRegistration() {
        return allowed == null;
    }

    /** Tells whether a pattern allows a class, given the name of one that is no array. */
    boolean allows(String name) {
        if (allowed != null) {
            for (String pattern : allowed) {
                boolean matches = pattern.endsWith("*")
                        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                        : name.equals(pattern);
                if (matches) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Returns the class loader that an encoder looks for classes with: that of the first class that is the user's. */
    ClassLoader loader(Object value) {
        for (Class<?> type : registered) {
            if (type.getClassLoader() != null) {
                return type.getClassLoader();
            }
        }
        ClassLoader own = value.getClass().getClassLoader();
        if (own != null) {
            return own;
        }
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return context != null ? context : ClassLoader.getSystemClassLoader();
    }

    /** Returns the registered classes of that name in a class loader, with those of constants of enums that have one. */
    Set<Class<?>> registered(ClassLoader loader) {
        List<Class<?>> all = new ArrayList<>();
        for (Class<?> type : registered) {
            Class<?> there = in(loader, type);
            all.add(there);
            if (there.isEnum()) {
                for (Object constant : there.getEnumConstants()) {
                    all.add(constant.getClass());
                }
            }
        }
        return new LinkedHashSet<>(all);
    }

    private static Class<?> in(ClassLoader loader, Class<?> type) {
        try {
            return Class.forName(type.getName(), false, loader);
        } catch (ClassNotFoundException e) {
            return type;
        }
    }
}
