package io.processpool;

import static io.processpool.Lifecycle.pids;
import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.RecordedEvents.Kind;
import io.processpool.testing.LeavesNothingBehind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the tests of replacing workers share. */
@ExtendWith(LeavesNothingBehind.class)
abstract class RecyclingFixture {

    @TempDir
    Path directory;

    final RecordedEvents events = new RecordedEvents();

    final ProcessPool.Builder builder(int workers) {
        return ProcessPool.builder().workers(workers).listener(events);
    }

    static List<Long> pidsOfTasks(ProcessPool pool, int tasks) {
        return pool.map(i -> Deeds.pid(), IntStream.range(0, tasks).boxed().toList());
    }

    static Map<Long, Long> counts(List<Long> pids) {
        return pids.stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    /** Every worker that retired for this reason had a successor that was ready before. */
    final void assertReplacedBeforeRetired(long retired) {
        RecordedEvents.Event end = events.expect(Kind.RETIRED, retired);
        RecordedEvents.Event successor = events.expect(
                Kind.READY,
                event -> event.worker().id() == end.worker().id()
                        && event.worker().generation() == end.worker().generation() + 1);
        assertThat(events.position(Kind.READY, successor.worker().pid()))
                .as("the successor is ready before the end of the predecessor: %s", events.all())
                .isLessThan(events.position(Kind.RETIRED, retired));
    }
}
