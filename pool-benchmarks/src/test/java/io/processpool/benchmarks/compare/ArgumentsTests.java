package io.processpool.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.benchmarks.compare.peer.Contestant;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTests {

    @Test
    void parse_nothing_measuresEverythingWithAll() {
        Arguments arguments = Arguments.parse();

        assertThat(arguments.only()).isEqualTo(Catalogue.ids());
        assertThat(arguments.peers()).containsExactlyInAnyOrder(Contestant.values());
        assertThat(arguments.scale()).isEqualTo(Scale.FULL);
    }

    @Test
    void parse_peers_alwaysIncludeThePool() {
        assertThat(Arguments.parse("--peers", "pp4j,raw").peers())
                .containsExactlyInAnyOrder(Contestant.POOL, Contestant.PP4J, Contestant.RAW);
    }

    @Test
    void parse_all() {
        Arguments arguments =
                Arguments.parse("--rounds", "9", "--only", "trip,submit", "--quick", "--svg", "a", "--markdown", "b");

        assertThat(arguments.scale()).isEqualTo(Scale.QUICK.withRounds(9));
        assertThat(arguments.only()).containsExactly("submit", "trip");
        assertThat(arguments.svg()).isEqualTo(Path.of("a"));
        assertThat(arguments.markdown()).isEqualTo(Path.of("b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--rounds 0", "--rounds x", "--rounds", "--only nothing", "--peers nobody", "--what"})
    void parse_nonsense_isRefused(String line) {
        assertThatThrownBy(() -> Arguments.parse(line.split(" "))).isInstanceOf(IllegalArgumentException.class);
    }
}
