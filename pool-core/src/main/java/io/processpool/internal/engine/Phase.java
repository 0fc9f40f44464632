package io.processpool.internal.engine;

import java.util.EnumSet;
import java.util.Set;

/**
 * The life of a worker as the fleet keeps it.
 *
 * <pre>
 *   STARTING --ready--&gt; STANDBY --promoted--&gt; SERVING --retired--&gt; RETIRING --exit--&gt; EXITED
 *      |   \--ready---------------------------&gt;  |                     |                ^
 *      +--- killed, unresponsive, past a deadline (any) ---&gt; ZOMBIE ---+----- exit -----+
 * </pre>
 */
enum Phase {
    /** Launched; has not said that it is ready. */
    STARTING,
    /** Ready and in reserve. */
    STANDBY,
    /** Ready, and given tasks. */
    SERVING,
    /** Told to finish and exit. */
    RETIRING,
    /** Given up: being killed, or about to be. */
    ZOMBIE,
    /** Its process is gone and reaped. */
    EXITED;

    private Set<Phase> next() {
        return switch (this) {
            case STARTING -> EnumSet.of(STANDBY, SERVING, ZOMBIE, EXITED);
            case STANDBY -> EnumSet.of(SERVING, RETIRING, ZOMBIE, EXITED);
            case SERVING -> EnumSet.of(RETIRING, ZOMBIE, EXITED);
            case RETIRING -> EnumSet.of(ZOMBIE, EXITED);
            case ZOMBIE -> EnumSet.of(EXITED);
            case EXITED -> EnumSet.noneOf(Phase.class);
        };
    }

    /** Tells whether a worker may go from this phase to another. */
    boolean canBecome(Phase other) {
        return next().contains(other);
    }

    /** Whether the worker is, or is going to be, of use. */
    boolean live() {
        return this == STARTING || this == STANDBY || this == SERVING;
    }
}
