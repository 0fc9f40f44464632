package io.processpool.internal.engine;

import io.processpool.internal.FirstFailure;
import java.util.ArrayList;
import java.util.List;

/** What is to be done once the pool's lock is released. */
final class After {

    private final List<Runnable> actions = new ArrayList<>(2);

    void run(Runnable action) {
        actions.add(action);
    }

    /** Runs them all, whatever some throw; throws the first failure at the end. */
    void runAll() {
        FirstFailure failure = new FirstFailure();
        actions.forEach(failure::run);
        failure.throwIfAny();
    }
}
