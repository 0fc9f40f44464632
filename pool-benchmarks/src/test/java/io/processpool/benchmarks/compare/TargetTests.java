package io.processpool.benchmarks.compare;

import static io.processpool.benchmarks.compare.Target.Verdict.MISSED;
import static io.processpool.benchmarks.compare.Target.Verdict.REACHED;
import static io.processpool.benchmarks.compare.Target.Verdict.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.benchmarks.compare.peer.Contestant;
import org.junit.jupiter.api.Test;

class TargetTests {

    @Test
    void ratio_saysHowManyTimesAsGoodOursIs_forRatesAndTimesAlike() {
        assertThat(Results.rate().ratio(Contestant.PP4J)).hasValue(10);
        assertThat(Results.rate().ratio(Contestant.THREADS)).hasValue(0.01);
        assertThat(Results.time().ratio(Contestant.PP4J)).hasValue(2);
        assertThat(Results.time().ratio(Contestant.THREADS)).isEmpty();
    }

    @Test
    void atLeast_comparesFigures() {
        assertThat(Target.atLeast(10, Contestant.PP4J).verdict(Results.rate())).isEqualTo(REACHED);
        assertThat(Target.atLeast(10.1, Contestant.PP4J).verdict(Results.rate()))
                .isEqualTo(MISSED);
        assertThat(Target.atLeast(1, Contestant.PYTHON).verdict(Results.rate())).isEqualTo(UNKNOWN);
    }

    @Test
    void atMost_comparesFigures() {
        assertThat(Target.atMost(0.5, Contestant.PP4J).verdict(Results.time())).isEqualTo(REACHED);
        assertThat(Target.atMost(0.4, Contestant.PP4J).verdict(Results.time())).isEqualTo(MISSED);
        assertThat(Target.atMost(4, Unit.MILLISECONDS).verdict(Results.alone())).isEqualTo(REACHED);
        assertThat(Target.atMost(3, Unit.MILLISECONDS).verdict(Results.alone())).isEqualTo(MISSED);
    }

    @Test
    void atMost_comparesWhatTheExperimentHasComputed() {
        assertThat(Target.atMost(1.25, "before", 1.25).verdict(Results.alone())).isEqualTo(REACHED);
        assertThat(Target.atMost(1.25, "before", 1.5).describe(Results.alone()))
                .isEqualTo("≤ 1.25 × before: missed (1.50 × before)");
    }

    @Test
    void describe_saysWhatWasAskedAndWhatWasFound() {
        assertThat(Target.atLeast(20, Contestant.PP4J).describe(Results.rate()))
                .isEqualTo("≥ 20 × PP4J 2.2: missed (10 × PP4J 2.2)");
        assertThat(Target.atMost(5, Unit.MILLISECONDS).describe(Results.alone()))
                .isEqualTo("≤ 5 ms: reached (4 ms)");
        assertThat(Target.atLeast(1, Contestant.RAW).describe(Results.rate()))
                .isEqualTo("≥ 1 × raw socket: not measured");
    }
}
