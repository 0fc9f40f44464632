package io.processpool;

import io.processpool.testing.Signs;
import java.util.concurrent.locks.LockSupport;

/** The faults of {@code docs/faults.md}, in the order of its columns. */
enum Fault {

    /** Throws an exception. */
    EXCEPTION("exception") {
        @Override
        void commit(Signs signs) {
            throw new IllegalStateException("on purpose");
        }
    },

    /** Ends the process with its shutdown hooks. */
    EXIT("`System.exit(7)`") {
        @Override
        void commit(Signs signs) {
            System.exit(7);
        }
    },

    /** Ends the process at once. */
    HALT("`halt(8)`") {
        @Override
        void commit(Signs signs) {
            Deeds.halt(8);
        }
    },

    /** Crashes the JVM. */
    SEGMENTATION_FAULT("SIGSEGV") {
        @Override
        void commit(Signs signs) throws ReflectiveOperationException {
            Deeds.crash();
        }
    },

    /** Is killed from outside. */
    KILL("SIGKILL") {
        @Override
        void commit(Signs signs) throws Exception {
            Deeds.killSelf();
        }
    },

    /** Wants more memory than any heap has. */
    OUT_OF_MEMORY("`OutOfMemoryError`") {
        @Override
        void commit(Signs signs) {
            signs.note("allocated", new long[Integer.MAX_VALUE].length);
        }
    },

    /** Calls itself for ever. */
    STACK_OVERFLOW("`StackOverflowError`") {
        @Override
        void commit(Signs signs) {
            signs.note("depth", depth(0));
        }

        private int depth(int reached) {
            return reached < 0 ? 0 : depth(reached + 1) + 1;
        }
    },

    /** Goes on until the sign {@code enough} is given, whoever interrupts. */
    ENDLESS_LOOP("endless loop") {
        @Override
        void commit(Signs signs) {
            signs.give("looping");
            while (!signs.given("enough")) {
                LockSupport.parkNanos(1_000_000);
                if (Thread.interrupted()) {
                    signs.give("interrupted");
                }
            }
        }
    };

    private final String column;

    Fault(String column) {
        this.column = column;
    }

    /** Returns its heading in the table. */
    String column() {
        return column;
    }

    /** Whether it ends the process that commits it, whatever that process is. */
    boolean endsProcess() {
        return this == EXIT || this == HALT || this == SEGMENTATION_FAULT || this == KILL;
    }

    /** Commits the fault in the calling thread. */
    abstract void commit(Signs signs) throws Exception;

    /** Commits it where only unchecked exceptions may be thrown. */
    final void commitUnchecked(Signs signs) {
        try {
            commit(signs);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the fault itself failed", e);
        }
    }
}
