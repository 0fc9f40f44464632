package io.processpool;

import io.processpool.testing.Signs;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * The main class of a JVM that brings a pool into a state and then exits. Its arguments are the state, a directory for signs,
 * and the name of the pool.
 */
final class MatrixExit {

    /** The sign that all tasks and iterators have ended while the JVM exited. */
    static final String ENDED = "all-ended";

    private MatrixExit() {}

    public static void main(String[] args) {
        MatrixScene scene = new MatrixScene(Signs.in(Path.of(args[1])), args[2], UnaryOperator.identity());
        scene.enter(MatrixState.valueOf(args[0]));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            for (TaskFuture<?> task : scene.tasks) {
                awaitEnd(task);
            }
            scene.exhaust();
            scene.signs.give(ENDED);
        }));
        System.exit(0);
    }

    private static void awaitEnd(TaskFuture<?> task) {
        try {
            task.get(Lifecycle.PATIENCE);
        } catch (Exception e) {
            if (!task.ready()) {
                throw new IllegalStateException("has not ended: " + task, e);
            }
        }
    }
}
