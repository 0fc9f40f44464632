package io.processpool;

/** Lazy maps that end early, in processes. */
class LazyMapEndIT extends LazyMapEndContract {

    LazyMapEndIT() {
        super(Mode.PROCESS);
    }
}
