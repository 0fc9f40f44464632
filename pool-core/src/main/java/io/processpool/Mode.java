package io.processpool;

/** Where a pool runs its tasks. */
public enum Mode {
    /** In worker processes: child JVMs. */
    PROCESS,
    /**
     * In threads of this process, for tests and debugging. Functions, arguments and results still pass through the
     * codec, so what works here also travels to a process. Nothing is isolated: {@code System.exit} ends this JVM,
     * and a task that ignores interrupts cannot be killed. An {@link OutOfMemoryError} is a
     * {@link TaskFailedException} here, since no worker ends of it.
     */
    INLINE
}
