package io.processpool.benchmarks.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ActTests {

    private static List<Act> acts(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        return Stream.generate(() -> Act.next(random, 5)).limit(count).toList();
    }

    @Test
    void sameSeed_sameActs() {
        assertThat(acts(3, 500)).isEqualTo(acts(3, 500)).isNotEqualTo(acts(4, 500));
    }

    @Test
    void manyActs_areOfAllKindsAndOfTheRate() {
        List<Act> acts = acts(1, 5_000);

        assertThat(acts.stream().map(Act::kind).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(Act.Kind.values());
        double mean = acts.stream().mapToLong(Act::pauseMillis).average().orElseThrow();
        assertThat(mean).isBetween(180.0, 220.0);
        assertThat(acts)
                .filteredOn(act -> act.kind() == Act.Kind.RESIZE)
                .allMatch(act -> act.size() >= 1 && act.size() <= 4);
    }
}
