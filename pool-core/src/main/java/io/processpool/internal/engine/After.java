package io.processpool.internal.engine;

import java.util.ArrayList;
import java.util.List;

/** What is to be done once the pool's lock is released. */
final class After {

    private final List<Runnable> actions = new ArrayList<>(2);

    void run(Runnable action) {
        actions.add(action);
    }

    void runAll() {
        for (Runnable action : actions) {
            action.run();
        }
    }
}
