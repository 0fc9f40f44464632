package io.processpool;

/** Lazy maps in processes. */
class LazyMapIT extends LazyMapContract {

    LazyMapIT() {
        super(Mode.PROCESS);
    }
}
