package io.processpool.internal.codec;

import org.jspecify.annotations.Nullable;

/** Says what to do about an object that is not serializable, from the path that led to it. One use, one thread. */
final class Advice {

    private boolean capturedThis;
    private @Nullable String innerClass;

    /** Notes that a lambda on the path captured its {@code this}. */
    void capturedThis() {
        capturedThis = true;
    }

    /** Notes a step of the path from an object. */
    void step(String name, Object from) {
        if (name.equals(StepNames.ENCLOSING) && innerClass == null) {
            innerClass = ClassNames.of(from.getClass());
        }
    }

    /** Advises on the object at the end of the path. */
    String forCulprit(Object culprit, boolean root) {
        Class<?> type = culprit.getClass();
        String makeSerializable = "make " + ClassNames.of(type) + " Serializable";
        if (ClassNames.isLambda(type)) {
            String target = type.getInterfaces().length == 0 ? "..." : type.getInterfaces()[0].getSimpleName();
            return root
                    ? "declare it as, or cast it to, TaskCallable, TaskFunction or another functional type of the pool,"
                            + " which is Serializable: a lambda that is just a " + target + " cannot leave its process"
                    : "cast it to a serializable type where it is written: (" + target + " & Serializable)";
        }
        if (capturedThis) {
            return "copy the fields it needs into local variables before the lambda, make it a static method, or "
                    + makeSerializable;
        }
        if (innerClass != null) {
            return "make " + innerClass + " a static nested class or a lambda, or " + makeSerializable;
        }
        StringBuilder choices = new StringBuilder();
        if (type.getClassLoader() != null) {
            choices.append(makeSerializable).append(", ");
        }
        if (!root) {
            choices.append("mark the field transient, ");
        }
        return choices + (choices.isEmpty() ? "" : "or ")
                + "pass an id and load it in the worker (for example in the initializer)";
    }
}
