package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class OutputPumpTests {

    private final LineTail tail = new LineTail();
    private final List<String> logged = new ArrayList<>();
    private final AtomicBoolean finished = new AtomicBoolean();

    private void pump(String text) {
        new OutputPump(
                        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                        tail,
                        logged::add,
                        Map.of(),
                        () -> finished.set(true))
                .run();
    }

    @Test
    void run_manyLines_areAllLogged() {
        pump("line\n".repeat(OutputPump.BURST_LINES / 2));

        assertThat(logged).hasSize(OutputPump.BURST_LINES / 2).containsOnly("line");
        assertThat(finished).isTrue();
    }

    @Test
    void run_flood_isCutAndToldOf() {
        int lines = 1_000_000;

        pump("line\n".repeat(lines) + "the last\n");

        List<String> told = logged.stream().filter(line -> !line.equals("line")).toList();
        assertThat(logged).hasSizeGreaterThanOrEqualTo(OutputPump.BURST_LINES).hasSizeLessThan(lines / 2);
        assertThat(told)
                .isNotEmpty()
                .allMatch(line -> line.matches("\\(\\d+ lines were left out of the log: too many at once\\)|the last"));
        assertThat(tail.toList()).as("the tail has all").endsWith("the last");
        assertThat(finished).isTrue();
    }

    @Test
    void run_floodOfLongLines_isCut() {
        pump(("x".repeat(60_000) + "\n").repeat(2_000));

        assertThat(logged.stream().mapToLong(String::length).sum()).isLessThan(100L << 20);
        assertThat(logged.get(logged.size() - 1)).contains("were left out");
    }

    /** A letter of three bytes takes as much of the disk as three of one; an escaped byte takes six. */
    @ParameterizedTest
    @CsvSource({"0x20ac, 20000", "0x1, 10000"})
    void run_floodOfLettersThatTakeMoreThanAByte_isCutByTheirBytes(int letter, int length) {
        pump((Character.toString(letter).repeat(length) + "\n").repeat(1_000));

        long lines = logged.stream().filter(line -> !line.contains("left out")).count();
        assertThat(lines)
                .as("60,000 bytes each; the rest came back while the test ran")
                .isBetween((long) OutputPump.BURST_BYTES / 60_000, 700L);
        assertThat(logged.get(logged.size() - 1)).contains("were left out");
    }
}
