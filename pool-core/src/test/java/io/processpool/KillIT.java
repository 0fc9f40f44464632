package io.processpool;

/** Kills of processes. */
class KillIT extends KillContract {

    KillIT() {
        super(Mode.PROCESS);
    }
}
