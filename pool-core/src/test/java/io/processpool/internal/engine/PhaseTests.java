package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class PhaseTests {

    private static final Map<Phase, Set<Phase>> LEGAL = new EnumMap<>(Map.of(
            Phase.STARTING, EnumSet.of(Phase.STANDBY, Phase.SERVING, Phase.ZOMBIE, Phase.EXITED),
            Phase.STANDBY, EnumSet.of(Phase.SERVING, Phase.RETIRING, Phase.ZOMBIE, Phase.EXITED),
            Phase.SERVING, EnumSet.of(Phase.RETIRING, Phase.ZOMBIE, Phase.EXITED),
            Phase.RETIRING, EnumSet.of(Phase.ZOMBIE, Phase.EXITED),
            Phase.ZOMBIE, EnumSet.of(Phase.EXITED),
            Phase.EXITED, EnumSet.noneOf(Phase.class)));

    static Stream<Arguments> pairs() {
        return Arrays.stream(Phase.values())
                .flatMap(from -> Arrays.stream(Phase.values()).map(to -> Arguments.of(from, to)));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void canBecome_everyPair_isAsDrawn(Phase from, Phase to) {
        assertThat(from.canBecome(to)).isEqualTo(LEGAL.get(from).contains(to));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void become_everyPair_changesOrNamesWorkerFromAndTo(Phase from, Phase to) {
        Worker worker = workerIn(from);

        if (LEGAL.get(from).contains(to)) {
            worker.become(to);
            assertThat(worker.phase()).isEqualTo(to);
        } else {
            assertThatIllegalStateException()
                    .isThrownBy(() -> worker.become(to))
                    .withMessage("worker 3.7 (pid -1) cannot go from " + from + " to " + to);
            assertThat(worker.phase()).isEqualTo(from);
        }
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void become_exited_isPossibleFromAnywhereElse(Phase from) {
        if (from != Phase.EXITED) {
            assertThatCode(() -> workerIn(from).become(Phase.EXITED)).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void live_untilItRetires(Phase phase) {
        assertThat(phase.live())
                .isEqualTo(
                        EnumSet.of(Phase.STARTING, Phase.STANDBY, Phase.SERVING).contains(phase));
    }

    @SuppressWarnings("NullAway") // a worker that nobody talks to needs no fleet
    private static Worker workerIn(Phase phase) {
        Worker worker = new Worker(null, 3, 7, false);
        switch (phase) {
            case STARTING -> {}
            case RETIRING -> {
                worker.become(Phase.SERVING);
                worker.become(Phase.RETIRING);
            }
            default -> worker.become(phase);
        }
        return worker;
    }
}
