package io.processpool;

/** The life of a worker, as seen by the pool. */
public enum WorkerState {
    /** Its process was launched; it has not said that it is ready (initializer included). */
    STARTING,
    /** Ready and in reserve: it takes the place of a worker that is lost or retired. */
    STANDBY,
    /** Ready, with nothing to do. */
    IDLE,
    /** Runs a task. */
    BUSY,
    /** Takes no more tasks; finishes what it has, runs the finalizer, and exits. */
    RETIRING,
    /** Still exists and serves nobody: unresponsive, past its exit deadline, being killed, or dead and not yet reaped. */
    ZOMBIE,
    /** Its process has ended and was reaped; seen in events only, for it is no worker of the pool any more. */
    EXITED;

    /**
     * Tells whether a worker in this state has been taken on and not been given up.
     *
     * @return true for all states but {@link #ZOMBIE} and {@link #EXITED}
     */
    public boolean isLive() {
        return this != ZOMBIE && this != EXITED;
    }
}
