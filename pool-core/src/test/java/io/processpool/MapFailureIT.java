package io.processpool;

/** Maps that fail, in processes. */
class MapFailureIT extends MapFailureContract {

    MapFailureIT() {
        super(Mode.PROCESS);
    }
}
