package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;

/** The outcomes of {@code docs/faults.md}: what is known of a fault afterwards. */
enum FaultOutcome {

    /** The fault is an ordinary failure of the task. */
    THREW("threw") {
        @Override
        void check(Throwable failure, Fault fault) {
            assertThat(failure)
                    .isInstanceOfAny(TaskFailedException.class, WorkerStartException.class)
                    .hasMessageContainingAll("failed: ", nameOf(fault))
                    .hasCauseInstanceOf(typeOf(fault));
        }
    },

    /** The argument cannot be serialized. */
    ARGUMENT("argument") {
        @Override
        void check(Throwable failure, Fault fault) {
            checkSerialization(failure, fault, "argument");
        }
    },

    /** The result cannot be serialized. */
    RESULT("result") {
        @Override
        void check(Throwable failure, Fault fault) {
            checkSerialization(failure, fault, "result");
        }
    },

    /** The caller gets the error itself. */
    ERROR("error") {
        @Override
        void check(Throwable failure, Fault fault) {
            assertThat(failure).isInstanceOf(typeOf(fault));
        }
    },

    /** The caller gets the error itself, as of the source of the map, which ends here. */
    SOURCE("source") {
        @Override
        void check(Throwable failure, Fault fault) {
            assertThat(failure).isInstanceOf(typeOf(fault));
        }
    },

    /** The process has ended with its exit code. */
    EXITED("exited") {
        @Override
        void check(Throwable failure, Fault fault) {
            int code = fault == Fault.EXIT ? 7 : 8;
            assertThat(failure).hasMessageContaining("exit code " + code);
            if (failure instanceof WorkerLostException lost) {
                assertThat(lost.reason()).isEqualTo(LossReason.CRASHED);
                assertThat(lost.exitCode()).isEqualTo(code);
                assertThat(lost.signalName()).isNull();
            }
        }
    },

    /** The JVM of the worker has crashed. */
    CRASHED("crashed") {
        @Override
        void check(Throwable failure, Fault fault) {
            assertThat(failure).hasMessageContainingAll("the JVM crashed with SIGSEGV", "hs_err");
            if (failure instanceof WorkerLostException lost) {
                assertThat(lost.reason()).isEqualTo(LossReason.CRASHED);
                assertThat(lost.signalName()).isEqualTo("SIGSEGV");
                assertThat(lost.exit().errorPath()).exists();
            }
        }
    },

    /** Somebody has killed the worker. */
    KILLED("killed") {
        @Override
        void check(Throwable failure, Fault fault) {
            assertThat(failure).hasMessageContaining("killed by SIGKILL");
            if (failure instanceof WorkerLostException lost) {
                assertThat(lost.reason()).isEqualTo(LossReason.CRASHED);
                assertThat(lost.signalName()).isEqualTo("SIGKILL");
            }
        }
    },

    /** The worker ran out of memory. */
    MEMORY("memory") {
        @Override
        void check(Throwable failure, Fault fault) {
            assertThat(failure).hasMessageContaining("out of memory: Requested array size exceeds VM limit");
            if (failure instanceof WorkerLostException) {
                assertThat(failure).isInstanceOf(WorkerOutOfMemoryException.class);
            }
        }
    },

    /** The worker could not send, and says why. */
    CUT("cut") {
        @Override
        void check(Throwable failure, Fault fault) {
            assertThat(failure)
                    .isExactlyInstanceOf(WorkerLostException.class)
                    .hasMessageContainingAll("last words: This worker cannot go on", nameOf(fault));
        }
    },

    /** The task has timed out, and the worker was killed. */
    TIMEOUT("timeout") {
        @Override
        void check(Throwable failure, Fault fault) {
            assertThat(failure).isExactlyInstanceOf(TaskTimeoutException.class);
        }
    },

    /** The worker was not ready in time. */
    LATE("late") {
        @Override
        void check(Throwable failure, Fault fault) {
            assertThat(failure).hasMessageContaining("was not ready within startTimeout");
        }
    },

    /** The worker has not exited in time. */
    OVERDUE("overdue") {
        @Override
        void check(Throwable failure, Fault fault) {
            assertThat(failure)
                    .isInstanceOfSatisfying(
                            WorkerLostException.class,
                            lost -> assertThat(lost.reason()).isEqualTo(LossReason.EXIT_OVERDUE));
        }
    },

    /** The thread of the pool's process that is at fault waits; nobody else does. */
    WAITS("waits") {
        @Override
        void check(Throwable failure, Fault fault) {
            throw new AssertionError("should have waited", failure);
        }
    },

    /** The fault would end the application itself, with the pool in it. */
    OWN("–") {
        @Override
        void check(Throwable failure, Fault fault) {
            throw new AssertionError("not to be played", failure);
        }
    };

    private final String key;

    FaultOutcome(String key) {
        this.key = key;
    }

    /** Returns its name in the document. */
    String key() {
        return key;
    }

    /** Whether the worker goes on. */
    boolean sparesTheWorker() {
        return this == THREW || this == ARGUMENT || this == RESULT || this == ERROR || this == SOURCE || this == WAITS;
    }

    /** Asserts that a failure says what has happened. */
    abstract void check(Throwable failure, Fault fault);

    private static void checkSerialization(Throwable failure, Fault fault, String what) {
        assertThat(failure)
                .isExactlyInstanceOf(TaskSerializationException.class)
                .hasMessageContainingAll(what, fault == Fault.EXCEPTION ? "on purpose" : nameOf(fault));
        assertThat(failure).hasRootCauseInstanceOf(typeOf(fault));
    }

    private static String nameOf(Fault fault) {
        return fault == Fault.EXCEPTION
                ? "java.lang.IllegalStateException: on purpose"
                : typeOf(fault).getSimpleName();
    }

    private static Class<? extends Throwable> typeOf(Fault fault) {
        return switch (fault) {
            case EXCEPTION -> IllegalStateException.class;
            case OUT_OF_MEMORY -> OutOfMemoryError.class;
            case STACK_OVERFLOW -> StackOverflowError.class;
            default -> throw new AssertionError(fault + " throws nothing");
        };
    }
}
