package io.processpool.benchmarks.compare.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class WorkTests {

    @Test
    void ideal_ofEqualTasks_isHalfOfTheirSum() {
        assertThat(Work.MILLISECOND.idealSeconds(1_000)).isCloseTo(0.5, within(1e-9));
        assertThat(Work.MILLISECOND.idealSeconds(1)).isCloseTo(0.001, within(1e-9));
    }

    @Test
    void mixed_mostTasksAreShort_aFewTakeMostOfTheTime() {
        int[] sorted = Arrays.stream(Work.micros(Work.MIXED, 1_000)).sorted().toArray();

        assertThat(sorted[500]).isLessThan(400);
        assertThat(sorted[999]).isBetween(19_000, 20_000);
        long all = Arrays.stream(sorted).asLongStream().sum();
        assertThat(Arrays.stream(sorted, 800, 1_000).asLongStream().sum()).isGreaterThan(all * 3 / 4);
        assertThat(Work.MIXED.idealSeconds(1_000)).isCloseTo(all / 2e6, within(1e-9));
    }
}
