package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.testing.Signs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a cell of the fault matrix is played with.
 *
 * @param fault the fault
 * @param outcome the outcome that the document promises
 * @param directory where signs are given, and workers run
 * @param events what the pool tells of its workers
 */
record FaultScene(Fault fault, FaultOutcome outcome, Path directory, RecordedEvents events) {

    /** How long a task that never ends may run: the same whether it is cut short sooner or later. */
    private static final Duration LIMIT = Duration.ofMillis(500);

    private static final int ITEMS = 12;
    private static final int FAULTY = 5;

    Signs signs() {
        return Signs.in(directory);
    }

    /** Returns a builder of a pool with one worker, so that what the fault leaves undone is done by its successor. */
    ProcessPool.Builder builder() {
        return ProcessPool.builder()
                .name("faulty")
                .workers(1)
                .maxHeap(48L << 20)
                .workingDirectory(directory)
                .cancelGrace(Duration.ofMillis(100))
                .listener(events);
    }

    /** Returns options for the task at fault, which must not go on for ever. */
    TaskOptions options() {
        return fault == Fault.ENDLESS_LOOP ? TaskOptions.defaults().timeout(LIMIT) : TaskOptions.defaults();
    }

    /** Maps parcels in chunks, one of them faulty in the middle of its chunk; returns its failure. */
    Throwable mapWithOneFaulty(ProcessPool pool, Parcel.Stop stop) {
        List<Parcel> parcels = new ArrayList<>(sound());
        parcels.set(FAULTY, Parcel.faulty(FAULTY, fault, stop, signs()));
        Throwable failure = null;
        int expected = outcome == FaultOutcome.SOURCE ? FAULTY + 1 : ITEMS;
        try (ResultIterator<Parcel> results =
                pool.imap(Parcel::carry, parcels, MapOptions.defaults().chunkSize(4))) {
            for (int i = 0; i < expected; i++) {
                try {
                    assertThat(results.next().number()).isEqualTo(i);
                } catch (ProcessPoolException | VirtualMachineError e) {
                    assertThat(i).as("the item that failed with %s", e).isEqualTo(FAULTY);
                    failure = e;
                }
            }
            assertThat(results.hasNext()).isFalse();
        }
        assertThat(failure).as("failure of the faulty item").isNotNull();
        return failure;
    }

    /** Begins a map of parcels that arrive. */
    TaskFuture<List<Parcel>> others(ProcessPool pool) {
        return pool.mapAsync(Parcel::carry, sound());
    }

    private List<Parcel> sound() {
        return IntStream.range(0, ITEMS).mapToObj(i -> Parcel.sound(i, signs())).toList();
    }

    /** Asserts that a task has failed as the document says, and only that. */
    void expectOutcome(TaskFuture<?> task) {
        outcome.check(Lifecycle.failureOf(task, Throwable.class), fault);
    }

    /** Asserts that all others have arrived. */
    static void expectArrival(TaskFuture<List<Parcel>> others) {
        assertThat(Lifecycle.result(others).stream().map(Parcel::number))
                .containsExactlyElementsOf(IntStream.range(0, ITEMS).boxed().toList());
    }

    /** Asserts that the pool is as good as new. */
    void expectService(ProcessPool pool) {
        expectArrival(others(pool));
    }

    /** Asserts that the pool is as good as new, and that it has replaced the worker only if it had to. */
    void expectService(ProcessPool pool, long worker) {
        long now = pool.apply(Deeds::pid);
        if (outcome.sparesTheWorker()) {
            assertThat(now).as("pid of the worker").isEqualTo(worker);
        } else {
            assertThat(now).as("pid of the worker").isNotEqualTo(worker);
        }
        expectService(pool);
    }
}
