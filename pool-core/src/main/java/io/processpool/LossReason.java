package io.processpool;

/** Why a worker was lost: it ended by itself, or the pool killed it for what it did. */
public enum LossReason {
    /** It ended by itself: a signal, {@code System.exit}, {@code halt}, a crash of its JVM. */
    CRASHED,
    /** It ran out of memory, or was killed before the memory of the container ran out. */
    OUT_OF_MEMORY,
    /** It was killed because its task had timed out and did not end within {@code cancelGrace}. */
    TASK_TIMEOUT,
    /** It was killed because its task was cancelled and did not end within {@code cancelGrace}. */
    TASK_CANCELLED,
    /** It was killed because it did not answer for {@code heartbeatTimeout}, or did not give back what it had not begun. */
    UNRESPONSIVE,
    /** It was killed because it had been told to exit and did not, in good time. */
    EXIT_OVERDUE,
    /** {@link ProcessPool#kill(int)} was called. */
    KILLED,
    /** It was killed because it sent what is not of the protocol, or, if it is not trusted, what it may not send. */
    PROTOCOL,
    /** It was killed with its pool. */
    POOL_TERMINATED
}
