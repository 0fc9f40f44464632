package io.processpool;

/** Progress across processes. */
class ProgressIT extends ProgressContract {

    ProgressIT() {
        super(Mode.PROCESS);
    }
}
