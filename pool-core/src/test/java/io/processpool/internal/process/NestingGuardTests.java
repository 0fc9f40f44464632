package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.ProcessPoolException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NestingGuardTests {

    @ParameterizedTest
    @CsvSource({", , 0, 2", "1, , 1, 2", "abc, , 0, 2", "-3, 5, 0, 5", "7, 10, 7, 10"})
    void of_variableAndProperty_areRead(String variable, String property, int depth, int maxDepth) {
        NestingGuard guard = NestingGuard.of(variable, property);

        assertThat(guard.depth()).isEqualTo(depth);
        assertThat(guard.childDepth()).isEqualTo(depth + 1);
        assertThat(guard.maxDepth()).isEqualTo(maxDepth);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0, 2", "1, 2", "9, 10"})
    void check_shallow_passes(String depth, String maxDepth) {
        assertThatCode(() -> NestingGuard.of(depth, maxDepth).check()).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "2, 2", "5, 2"})
    void check_deep_throws(String depth, String maxDepth) {
        assertThatThrownBy(() -> NestingGuard.of(depth, maxDepth).check())
                .isInstanceOf(ProcessPoolException.class)
                .hasMessageContaining("static initializer")
                .hasMessageContaining("depth=" + depth)
                .hasMessageContaining("processpool.maxDepth=" + maxDepth);
    }

    @Test
    void of_badProperty_throws() {
        assertThatThrownBy(() -> NestingGuard.of(null, "deep"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("processpool.maxDepth must be a number >= 0: processpool.maxDepth=deep");
    }

    @Test
    void current_here_isTheTop() {
        assertThat(NestingGuard.current().depth()).isZero();
    }
}
