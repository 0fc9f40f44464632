package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.MapOptions;
import io.processpool.TaskFunction;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.codec.Scalars;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.scheduler.Functions;
import io.processpool.internal.scheduler.Job;
import io.processpool.internal.scheduler.ScalarRun;
import io.processpool.internal.transport.Lookout;
import io.processpool.internal.wire.FunctionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ListJobTests {

    private static final int MANY = 1000;

    private final FleetFixture pool = new FleetFixture(1, 0);

    @AfterEach
    void close() {
        pool.close();
    }

    private ListJob<Integer> job(boolean ownLists) {
        ValueCodec values = new ValueCodec(null);
        JobServices services = new JobServices(
                pool.scheduler,
                new ItemEncoder(values),
                new ResultDecoder("test", values, null, (lane, what) -> {}),
                new Lookout(),
                Runnable::run,
                pool.timer,
                ownLists);
        Submitted submitted = new Submitted(
                1,
                new Functions().register((TaskFunction<Integer, Integer>) x -> x, FunctionKind.FUNCTION),
                new Job.Settings("job", 0, 0, 0, Bytes.EMPTY),
                Tracking.NONE);
        MapOptions options = MapOptions.defaults().chunkSize(MANY);
        return new ListJob<>(new FeedJob.Setup(submitted, services, options, () -> 1), MANY);
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
}
