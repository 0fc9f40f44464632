package io.processpool.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTests {

    @ParameterizedTest
    @CsvSource({
        "1234567.8, '1,234,568'",
        "123.4, 123",
        "12.34, 12.3",
        "1.234, 1.23",
        "0.1234, 0.12",
        "0.01234, 0.012",
        "20, 20",
        "0, 0"
    })
    void format_givesAsManyDigitsAsMatter(double value, String text) {
        assertThat(Numbers.format(value)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"20, 20", "1.5, 1.5", "0.125, 0.125", "1.25, 1.25"})
    void exact_roundsNothing(double value, String text) {
        assertThat(Numbers.exact(value)).isEqualTo(text);
    }

    @Test
    void figure_medianAndRange() {
        assertThat(Figure.of(List.of(5.0, 1.0, 9.0))).isEqualTo(new Figure(5, 1, 9));
        assertThat(Figure.of(List.of(4.0, 1.0, 2.0, 9.0))).isEqualTo(new Figure(3, 1, 9));
        assertThatThrownBy(() -> Figure.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void figure_99thPercentileOfAHundred_isTheOneBeforeTheLast() {
        List<Double> values =
                IntStream.rangeClosed(1, 100).mapToObj(i -> 101.0 - i).toList();

        assertThat(Figure.atQuantile(values, 0.99)).isEqualTo(new Figure(99, 1, 100));
        assertThat(Figure.atQuantile(DoubleStream.of(7).boxed().toList(), 0.99)).isEqualTo(new Figure(7, 7, 7));
    }
}
