package io.processpool;

/** Fory between processes. */
class ForyIT extends ForyContract {

    ForyIT() {
        super(Mode.PROCESS);
    }
}
