package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

class OpenJobsTests {

    private final SchedulerFixture fixture = new SchedulerFixture();
    private final OpenJobs jobs = new OpenJobs();

    private Job job() {
        return new RecordedJob(1, fixture.function(), SchedulerFixture.settings(), true, new ReentrantLock());
    }

    @Test
    void remove_notThere_isFalse() {
        Job job = job();

        assertThat(jobs.remove(job)).isFalse();
        jobs.add(job);
        assertThat(jobs.remove(job)).isTrue();
        assertThat(jobs.remove(job)).isFalse();
        assertThat(jobs.isEmpty()).isTrue();
    }

    @Test
    void addAndRemove_inAnyOrder_keepTheOrderOfTheRest() {
        Random random = new Random(5);
        List<Job> expected = new ArrayList<>();
        for (int step = 0; step < 5_000; step++) {
            if (expected.isEmpty() || random.nextInt(5) > 1) {
                Job job = job();
                jobs.add(job);
                expected.add(job);
            } else {
                assertThat(jobs.remove(expected.remove(random.nextInt(expected.size()))))
                        .isTrue();
            }
            assertThat(jobs.isEmpty()).isEqualTo(expected.isEmpty());
            if (step % 100 == 0) {
                assertThat(jobs.all()).isEqualTo(expected);
            }
        }
    }
}
