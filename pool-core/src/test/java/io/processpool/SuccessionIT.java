package io.processpool;

/** Tasks one after the other in the same process. */
class SuccessionIT extends SuccessionContract {

    SuccessionIT() {
        super(Mode.PROCESS);
    }
}
