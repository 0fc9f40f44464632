package io.processpool;

/** Kills of processes. */
class PoolKillIT extends PoolKillContract {

    PoolKillIT() {
        super(Mode.PROCESS);
    }
}
