package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.testing.Gate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** All that holds for processes holds in {@link Mode#INLINE} too, as far as it can without one; row D3. */
class InlineModeTests {

    @Nested
    class Apply extends ApplyContract {
        Apply() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class Succession extends SuccessionContract {
        Succession() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class Handle extends HandleContract {
        Handle() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class Callbacks extends CallbackContract {
        Callbacks() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class Maps extends MapContract {
        Maps() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class MapFailures extends MapFailureContract {
        MapFailures() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class LazyMap extends LazyMapContract {
        LazyMap() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class LazyMapEnds extends LazyMapEndContract {
        LazyMapEnds() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class Errors extends ErrorsContract {
        Errors() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class Serialization extends SerializationContract {
        Serialization() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class View extends ExecutorViewContract {
        View() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class Saturated extends SaturationContract {
        Saturated() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class Priority extends PriorityContract {
        Priority() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class Listening extends ListenerContract {
        Listening() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class Metering extends MeterContract {
        Metering() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class Submissions extends SubmissionContract {
        Submissions() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class SubmissionEnds extends SubmissionEndContract {
        SubmissionEnds() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class Kill extends PoolKillContract {
        Kill() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class Progress extends ProgressContract {
        Progress() {
            super(Mode.INLINE);
        }
    }

    /** What is particular to this mode. */
    @Nested
    class Itself extends PoolContract {
        Itself() {
            super(Mode.INLINE);
        }

        /** In a worker process the process ends; here the thread has to. {@code LeavesNothingBehind} sees that it does. */
        @Test
        void terminate_batchOfSeveralItems_noneBeginsAfterTheInterrupt() {
            Gate gate = gate("gate");
            for (int i = 1; i <= 20; i++) {
                try (ProcessPool pool = pool(1)) {
                    pool.mapAsync(
                            gate::passWith,
                            List.of(1, 2, 3),
                            MapOptions.defaults().chunkSize(3));
                    gate.awaitArrivals(i);

                    pool.terminate();
                }
            }

            assertThat(gate.arrivals()).isEqualTo(20);
        }

        @Test
        void tasks_always_runInThisProcessOnCopiesOfTheirArguments() {
            List<Integer> mine = new ArrayList<>(List.of(1));
            try (ProcessPool pool = pool(1)) {
                long pid = pool.apply(PoolContract::pid);
                List<Integer> theirs = pool.apply(
                        list -> {
                            list.add(2);
                            return list;
                        },
                        mine);

                assertThat(pid).isEqualTo(pid());
                assertThat(theirs).containsExactly(1, 2);
                assertThat(mine).containsExactly(1);
                assertThat(pool.activeChildren())
                        .extracting(WorkerSnapshot::pid)
                        .containsOnly(pid());
            }
        }

        @Test
        void workers_two_haveContextsOfTheirOwn() throws Exception {
            Gate gate = gate("gate");
            try (ProcessPool pool = pool(2)) {
                List<TaskFuture<String>> futures = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    futures.add(pool.applyAsync(() -> {
                        WorkerContext context = WorkerContext.current();
                        context.state().put("mine", context.workerId());
                        gate.pass();
                        return context.workerId() + " " + context.state();
                    }));
                }
                gate.awaitArrivals(2);
                gate.open();

                assertThat(List.of(futures.get(0).get(), futures.get(1).get()))
                        .containsExactlyInAnyOrder("0 {mine=0}", "1 {mine=1}");
            }
        }

        @Test
        void hooks_initializerAndFinalizer_runAroundTheTasks() {
            var ledger = ledger("ledger");
            try (ProcessPool pool = builder()
                    .workers(1)
                    .initializer(() -> ledger.add("initialized"))
                    .finalizer(() -> ledger.add("finalized"))
                    .build()) {
                pool.apply(() -> {
                    ledger.add("task");
                    return null;
                });
            }
            assertThat(ledger.lines()).containsExactly("initialized", "task", "finalized");
        }

        @Test
        void terminate_taskIgnoresInterrupts_poolEndsAndNobodyWaitsForTheTask() throws Exception {
            Gate gate = gate("gate");
            ProcessPool pool = pool(1);
            try {
                TaskFuture<Void> stubborn = pool.applyAsync(gate::passStubbornly);
                gate.awaitArrivals(1);
                pool.terminate();

                assertThat(pool.join(LONG)).isTrue();
                assertThat(failureOf(stubborn)).isInstanceOf(PoolClosedException.class);
            } finally {
                gate.open();
                pool.close();
            }
        }

        @Test
        void cancel_taskIgnoresInterrupts_workerIsReplacedAllTheSame() throws Exception {
            Gate gate = gate("gate");
            try (ProcessPool pool = builder()
                    .workers(1)
                    .cancelGrace(java.time.Duration.ofMillis(100))
                    .build()) {
                TaskFuture<Void> stubborn = pool.applyAsync(gate::passStubbornly);
                gate.awaitArrivals(1);
                stubborn.cancel(true);

                int next = pool.apply(Tasks::square, 3);
                assertThat(next).isEqualTo(9);
                gate.open();
            }
        }

        // D3: no shortcut: what works here works with processes
        @Test
        void apply_notSerializable_failsHereToo() {
            try (ProcessPool pool = pool(1)) {
                assertThatThrownBy(() -> pool.apply(x -> x, new Object()))
                        .isInstanceOf(TaskSerializationException.class);
            }
        }
    }
}
