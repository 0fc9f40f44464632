package io.processpool;

/** The meters of a pool of processes. */
class MeterIT extends MeterContract {

    MeterIT() {
        super(Mode.PROCESS);
    }
}
