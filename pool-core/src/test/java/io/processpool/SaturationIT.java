package io.processpool;

/** A full queue before processes. */
class SaturationIT extends SaturationContract {

    SaturationIT() {
        super(Mode.PROCESS);
    }
}
