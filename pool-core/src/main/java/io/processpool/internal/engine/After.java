package io.processpool.internal.engine;

import io.processpool.internal.FirstFailure;
import java.util.ArrayList;
import java.util.List;

/** What is to be done once the pool's lock is released. */
final class After {

    private final List<Runnable> actions = new ArrayList<>(2);
    private final FirstFailure failure = new FirstFailure();

    void run(Runnable action) {
        actions.add(action);
    }

    /** Runs them all, whatever some throw; throws the first failure at the end. */
    void runAll() {
        for (int i = 0; i < actions.size(); i++) { // no iterator: there may be no memory left
            failure.run(actions.get(i));
        }
        failure.throwIfAny();
    }
}
