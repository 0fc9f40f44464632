package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.MapOptions;
import io.processpool.ProcessPoolException;
import io.processpool.TaskFunction;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.codec.Scalars;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.scheduler.Ending;
import io.processpool.internal.scheduler.Functions;
import io.processpool.internal.scheduler.Job;
import io.processpool.internal.scheduler.ScalarRun;
import io.processpool.internal.transport.Lookout;
import io.processpool.internal.wire.FunctionKind;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ListJobTests {

    private static final int MANY = 1000;

    private final FleetFixture pool = new FleetFixture(1, 0);
    private final FleetFixture scarce = new FleetFixture(1, 1);

    @AfterEach
    void close() {
        pool.close();
        scarce.close();
    }

    private ListJob<Integer> job(boolean ownLists) {
        return new ListJob<>(setup(pool, ownLists), MANY);
    }

    private static FeedJob.Setup setup(FleetFixture pool, boolean ownLists) {
        return setup(pool, ownLists, MapOptions.defaults().chunkSize(MANY), Runnable::run);
    }

    private static FeedJob.Setup setup(FleetFixture pool, boolean ownLists, MapOptions options, Executor callbacks) {
        ValueCodec values = new ValueCodec(null);
        JobServices services = new JobServices(
                pool.scheduler,
                new ItemEncoder(values),
                new ResultDecoder("test", values, null, (lane, what) -> {}),
                new Lookout(),
                callbacks,
                pool.timer,
                ownLists);
        Submitted submitted = new Submitted(
                1,
                new Functions().register((TaskFunction<Integer, Integer>) x -> x, FunctionKind.FUNCTION),
                new Job.Settings("job", 0, 0, 0, Bytes.EMPTY),
                Tracking.NONE);
        return new FeedJob.Setup(submitted, services, options, () -> 1);
    }

    // A codec that knows classes by their names does not know the pool's own, wherever in a value they are.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void manyNumbers_areInAListOfThePoolOnlyIfEveryCodecKnowsIt(boolean ownLists) throws Exception {
        ListJob<Integer> job = job(ownLists);
        pool.scheduler.open(job);
        List<Integer> numbers = IntStream.range(0, MANY).boxed().toList();
        job.feed(numbers.iterator());

        Scalars all = Scalars.of(numbers.stream().mapToInt(x -> x).toArray());
        job.ended(0, new ScalarRun(Objects.requireNonNull(all)));

        assertThat(job.future().get())
                .isExactlyInstanceOf(ownLists ? NumberList.class : ArrayList.class)
                .isEqualTo(numbers);
    }

    // ---- when there is no memory ----------------------------------------------------------------------------------

    /** The ending of an item, which there is no room for. */
    private static List<Ending> noRoom() {
        return new AbstractList<>() {
            @Override
            public Ending get(int index) {
                throw new OutOfMemoryError("Java heap space");
            }

            @Override
            public int size() {
                return 1;
            }
        };
    }

    private static void assertOver(FleetFixture pool) {
        long left = pool.lockedFor(after -> pool.scheduler.queued() + pool.scheduler.active());
        assertThat(left).as("items that wait or run").isZero();
        pool.events.drained = false;
        pool.scheduler.refuse(() -> new ProcessPoolException("closed"));
        assertThat(pool.events.drained).as("no job is open").isTrue();
    }

    // Else it would wait for ever for the results that it has lost.
    @Test
    void ended_noMemoryForTheResults_endsWithThatErrorAndTheRestIsCancelled() throws Exception {
        ListJob<Integer> job = job(true);
        pool.scheduler.open(job);
        job.feed(IntStream.range(0, MANY).boxed().iterator());

        job.ended(3, noRoom());

        assertThat(job.future().isDone()).isTrue();
        assertThatThrownBy(() -> job.future().get()).hasCauseInstanceOf(OutOfMemoryError.class);
        assertOver(pool);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ended_noMemoryForTheResultsOfALazyMap_nextThrowsThatErrorAndTheRestIsCancelled(boolean ordered)
            throws Exception {
        IteratorJob<Integer> job = new IteratorJob<>(setup(pool, true), ordered);
        pool.scheduler.open(job);
        job.feed(IntStream.range(0, MANY).boxed().iterator());
        job.ended(0, List.of(new Ending.Scalar(7)));

        job.ended(1, noRoom());

        assertThat(job.next()).isEqualTo(7);
        assertThat(job.hasNext()).isTrue();
        assertThatThrownBy(job::next).isInstanceOf(OutOfMemoryError.class);
        assertThat(job.hasNext()).isFalse();
        assertOver(pool);
    }

    /** A deep recursion that waits for results may have no stack left at that moment. */
    @Test
    void ended_whatTellsOfTheProgressThrows_endsAllTheSame() throws Exception {
        MapOptions options = MapOptions.defaults().progress((done, total) -> {});
        ListJob<Integer> job = new ListJob<>(
                setup(pool, true, options, command -> {
                    throw new StackOverflowError();
                }),
                1);
        pool.scheduler.open(job);
        job.feed(List.of(1).iterator());

        job.ended(0, List.of(new Ending.Scalar(7)));

        assertThat(job.future().isDone()).isTrue();
        assertThat(job.future().get()).containsExactly(7);
    }

    /** Its standby worker cannot be told the function of the items that are fed. */
    private void letItTakeNoItems() {
        scarce.settle();
        scarce.processes.stream()
                .filter(process -> process.worker.phase() == Phase.STANDBY)
                .forEach(process -> process.memory.refuse(1));
    }

    @Test
    void feed_noMemoryToTakeTheItems_endsWithThatError() throws Exception {
        letItTakeNoItems();
        ListJob<Integer> job = new ListJob<>(setup(scarce, true), 3);
        scarce.scheduler.open(job);

        job.feed(List.of(1, 2, 3).iterator());

        assertThat(job.future().isDone()).isTrue();
        assertThatThrownBy(() -> job.future().get()).hasCauseInstanceOf(OutOfMemoryError.class);
        assertOver(scarce);
    }

    @Test
    void feed_noMemoryToTakeTheItemsOfALazyMap_nextThrowsThatError() throws Exception {
        letItTakeNoItems();
        IteratorJob<Integer> job = new IteratorJob<>(setup(scarce, true), true);
        scarce.scheduler.open(job);

        job.feed(List.of(1, 2, 3).iterator());

        assertThatThrownBy(() -> job.next(Duration.ofSeconds(30))).isInstanceOf(OutOfMemoryError.class);
        assertOver(scarce);
    }
}
