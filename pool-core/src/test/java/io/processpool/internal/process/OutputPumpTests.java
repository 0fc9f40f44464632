package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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

    /** It stands still, unless a test moves it: what comes back with time does not depend on the machine. */
    private long now;

    private void pump(String text) {
        pump(bytes(text));
    }

    private void pump(InputStream in) {
        new OutputPump(in, tail, logged::add, Map.of(), () -> finished.set(true), () -> now).run();
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
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

        assertThat(logged).hasSize(OutputPump.BURST_LINES + 1);
        assertThat(logged.subList(0, OutputPump.BURST_LINES)).containsOnly("line");
        assertThat(logged.get(OutputPump.BURST_LINES))
                .isEqualTo("(980001 lines were left out of the log: too many at once)");
        assertThat(tail.toList()).as("the tail has all").endsWith("the last");
        assertThat(finished).isTrue();
    }

    @Test
    void run_afterAFlood_someLinesComeBackEverySecond() {
        InputStream aSecondLater = new FilterInputStream(bytes("later\n".repeat(OutputPump.LINES_PER_SECOND + 500))) {
            private boolean begun;

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                if (!begun) {
                    begun = true;
                    now += TimeUnit.SECONDS.toNanos(1);
                }
                return super.read(target, offset, length);
            }
        };

        pump(new SequenceInputStream(bytes("line\n".repeat(OutputPump.BURST_LINES + 10)), aSecondLater));

        assertThat(logged.stream().filter("line"::equals)).hasSize(OutputPump.BURST_LINES);
        assertThat(logged.stream().filter("later"::equals)).hasSize(OutputPump.LINES_PER_SECOND);
        assertThat(logged.stream().filter(line -> line.contains("left out")))
                .containsExactly(
                        "(10 lines were left out of the log: too many at once)",
                        "(500 lines were left out of the log: too many at once)");
    }

    /** A letter of three bytes takes as much of the disk as three of one; an escaped byte takes six. */
    @ParameterizedTest
    @CsvSource({"0x78, 60000", "0x20ac, 20000", "0x1, 10000"})
    void run_floodOfLongLines_isCutByTheirBytes(int letter, int length) {
        pump((Character.toString(letter).repeat(length) + "\n").repeat(1_000));

        // The last may take more than there is left.
        assertThat(logged).hasSize(OutputPump.BURST_BYTES / 60_000 + 1 + 1);
        assertThat(logged.get(logged.size() - 1)).contains("were left out");
    }
}
