package io.processpool.internal.codec;

import io.processpool.ProcessPool;
import io.processpool.ResultIterator;
import io.processpool.TaskFuture;
import io.processpool.WorkerContext;
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

    /** Advises on what belongs to a pool, and thereby to its process; null if the object does not. */
    private static @Nullable String forPartOfThePool(Object culprit) {
        if (culprit instanceof ProcessPool) {
            return "a pool stays in the process that made it: submit from outside of the task what the task would submit,"
                    + " let the task return what is to be done next, or make a pool inside the task";
        } else if (culprit instanceof TaskFuture) {
            return "a future stays in the process of its pool: take its value with get() and pass that, or submit the task"
                    + " that needs it with thenCompose";
        } else if (culprit instanceof ResultIterator) {
            return "an iterator of results stays in the process of its pool: take the results with next() and pass those";
        } else if (culprit instanceof WorkerContext) {
            return "the context stays in its worker: call WorkerContext.current() inside the task";
        }
        return null;
    }

    /** Advises on the object at the end of the path. */
    String forCulprit(Object culprit, boolean root) {
        String ofThePool = forPartOfThePool(culprit);
        if (ofThePool != null) {
            return ofThePool;
        }
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
