package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.testing.LeavesNothingBehind;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the tests of lost workers share. */
@ExtendWith(LeavesNothingBehind.class)
abstract class WorkerLossFixture {

    @TempDir
    Path directory;

    final RecordedEvents events = new RecordedEvents();

    final ProcessPool.Builder builder(int workers) {
        return configured(ProcessPool.builder().name("lossy").workers(workers).listener(events));
    }

    /** Adds the settings with which all tests of the class run. */
    ProcessPool.Builder configured(ProcessPool.Builder builder) {
        return builder;
    }

    /** Asserts that the pool has replaced the worker and is as good as new. */
    static void assertServes(ProcessPool pool, long lost) {
        assertThat(pool.apply(Deeds::pid)).isNotEqualTo(lost);
    }
}
