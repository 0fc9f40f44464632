package io.processpool.internal.codec;

import io.processpool.internal.codec.StepNames.Step;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out why an object cannot be serialized: the path from it to the culprit, and what to do.
 *
 * <p>Let serialization itself show the way: one stream writes an object and gets to see, through
 * {@link ObjectOutputStream#replaceObject}, each object that this one refers to, as its fields, its
 * {@code writeObject} or its {@code writeReplace} hand them out. A second stream tries each of them. The first that
 * fails is the next step, until nothing below fails. So the path is right for encapsulated JDK classes as well, where
 * reflection sees nothing; reflection only gives the steps their names.
 *
 * <p>Never throws, and gives up after a bounded number of objects. The user's serialization code runs again a few
 * times; {@code toString} is not called. One use, one thread.
 */
@SuppressWarnings("ReferenceEquality") // It looks for that very object, and equals is the user's code.
final class SerializationPath {

    private static final int MAX_STEPS = 100;

    /** About a second of work. */
    private static final int MAX_OBJECTS = 1_000_000;

    private final Object root;
    private final Throwable failure;
    private final StringBuilder path = new StringBuilder();
    /** The objects on the path. What refers back to one of them is not the reason. */
    private final Set<Object> onPath = Collections.newSetFromMap(new IdentityHashMap<>());

    private final Map<Class<?>, Boolean> replaced = new HashMap<>();
    private final Advice advice = new Advice();
    private int objects;

    private SerializationPath(Object root, Throwable failure) {
        this.root = root;
        this.failure = failure;
    }

    /**
     * Explains a failure.
     *
     * @param root the object that could not be written
     * @param failure what serialization threw
     * @return path, reason and advice in one sentence
     */
    static String explain(Object root, Throwable failure) {
        String name = ClassNames.of(root.getClass());
        if (failure instanceof StackOverflowError) {
            return name + " holds objects that are nested too deep (StackOverflowError): keep them in a collection, or"
                    + " write a flat form in writeReplace";
        }
        try {
            return new SerializationPath(root, failure).explain();
        } catch (Throwable e) {
            // Out of objects, memory or stack: the explanation is a luxury, the failure itself is known.
            return name + " cannot be written: " + Failures.brief(failure);
        }
    }

    private String explain() throws IOException {
        Object object = root;
        Step step = null;
        for (int steps = 0; ; steps++) {
            onPath.add(object);
            Probe probe = new Probe();
            Object next = probe.firstFailing(object);
            Object written = probe.written == null ? object : probe.written;
            append(step, object, written);
            if (next == null) {
                return path + reason(object, written);
            }
            if (steps == MAX_STEPS) {
                return path + " -> ... cannot be written: " + Failures.brief(failure);
            }
            if (written instanceof SerializedLambda lambda && next instanceof Object[] captured) {
                step = captured(lambda, captured);
            } else {
                step = new StepNames(next, candidate -> isTarget(candidate, next)).from(object, written);
                advice.step(step.name(), object);
            }
            object = step.target();
        }
    }

    private Step captured(SerializedLambda lambda, Object[] arguments) throws IOException {
        onPath.add(arguments);
        Object next = new Probe().firstFailing(arguments);
        for (int i = 0; next != null && i < arguments.length; i++) {
            Object argument = arguments[i];
            if (argument == null || !isTarget(argument, next)) {
                continue;
            }
            if (i == 0 && ClassNames.capturesThis(lambda, argument)) {
                advice.capturedThis();
                return new Step("captured this", argument);
            }
            return new Step("captured argument " + (i + 1), argument);
        }
        return new Step("captured arguments", arguments);
    }

    /** Tells whether an object is what serialization reached, or has that written in its place. */
    private boolean isTarget(Object candidate, Object next) {
        if (candidate == next) {
            return true;
        }
        boolean isReplaced = replaced.computeIfAbsent(candidate.getClass(), SerializationPath::hasWriteReplace);
        try {
            return isReplaced && !new Trial().passes(candidate);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean hasWriteReplace(Class<?> type) {
        for (Class<?> part = type; part != null; part = part.getSuperclass()) {
            for (Method method : part.getDeclaredMethods()) {
                if (method.getName().equals("writeReplace") && method.getParameterCount() == 0) {
                    return true;
                }
            }
        }
        return false;
    }

    private void append(@Nullable Step step, Object object, Object written) {
        String name =
                written instanceof SerializedLambda lambda ? ClassNames.of(lambda) : ClassNames.of(object.getClass());
        if (step == null) {
            path.append(name);
            return;
        }
        if (step.name().startsWith("[")) {
            // An element: the index goes to the name of the array or list.
            if (path.toString().endsWith("[]")) {
                path.setLength(path.length() - 2);
            }
        } else {
            path.append(" -> ");
        }
        path.append(step.name()).append(" (").append(name).append(')');
    }

    private String reason(Object culprit, Object written) {
        if (written instanceof Serializable) {
            return " cannot be written: " + Failures.brief(failure);
        }
        String replacement = written == culprit
                ? ""
                : " is replaced by its writeReplace with a " + ClassNames.of(written.getClass()) + ", which";
        return replacement + " is not serializable; " + advice.forCulprit(written, culprit == root);
    }

    private static final class GivenUp extends Error {
        private static final long serialVersionUID = 1L;

        GivenUp() {
            super(null, null, false, false);
        }
    }

    /** Writes one object, and stops at the first of its children that cannot be written. */
    private final class Probe extends ObjectOutputStream {

        private final Trial trial = new Trial();
        /** The object itself, or what its {@code writeReplace} put in its place. */
        private @Nullable Object written;

        private @Nullable Object failing;

        Probe() throws IOException {
            super(OutputStream.nullOutputStream());
            enableReplaceObject(true);
        }

        @Nullable
        Object firstFailing(Object object) {
            try {
                writeObject(object);
            } catch (Throwable e) {
                Failures.rethrowFatal(e);
                if (failing == null && e instanceof GivenUp givenUp) {
                    throw givenUp;
                }
            }
            return failing;
        }

        @Override
        protected @Nullable Object replaceObject(Object object) {
            if (written == null) {
                written = object;
                return object;
            }
            if (failing != null || !trial.passes(object)) {
                failing = failing == null ? object : failing;
                throw new GivenUp();
            }
            // The rest of the graph below this child has been tried.
            return null;
        }
    }

    /** Writes objects with all that they refer to, except for what is on the path. */
    private final class Trial extends ObjectOutputStream {

        Trial() throws IOException {
            super(OutputStream.nullOutputStream());
            enableReplaceObject(true);
        }

        boolean passes(Object object) {
            try {
                writeObject(object);
                return true;
            } catch (GivenUp e) {
                throw e;
            } catch (Throwable e) {
                Failures.rethrowFatal(e);
                return false;
            }
        }

        @Override
        protected @Nullable Object replaceObject(Object object) {
            if (onPath.contains(object)) {
                return null;
            }
            if (++objects > MAX_OBJECTS) {
                throw new GivenUp();
            }
            return object;
        }
    }
}
