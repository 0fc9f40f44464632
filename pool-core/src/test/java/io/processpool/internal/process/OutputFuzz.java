package io.processpool.internal.process;

import static io.processpool.fuzz.FuzzChecks.at;
import static io.processpool.fuzz.FuzzChecks.bounded;
import static io.processpool.fuzz.FuzzChecks.from;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The output of a worker, made of any bytes. */
public final class OutputFuzz {

    private static final int REPEATS = 17;

    private OutputFuzz() {}

    /** A byte that tells the character set and whether the rest is there many times, and the bytes. */
    public static void output(byte[] input) {
        Charset charset = (at(input, 0) & 1) == 0 ? StandardCharsets.UTF_8 : StandardCharsets.UTF_16;
        byte[] bytes = at(input, 0) == 2 ? repeated(from(input, 1)) : from(input, 1);
        List<String> lines = bounded(bytes, () -> lines(charset, bytes, bytes.length));
        assertThat(lines(charset, bytes, 1)).as("byte by byte").isEqualTo(lines);
        assertThat(lines(charset, bytes, 7)).as("in pieces").isEqualTo(lines);
        for (String line : lines) {
            assertThat(line.length()).isLessThanOrEqualTo(6 * LineSplitter.MAX_LINE + LineSplitter.CUT.length());
            assertThat(line.chars().filter(c -> c != '\t').anyMatch(Character::isISOControl))
                    .as("control characters in %s", line)
                    .isFalse();
        }
    }

    private static byte[] repeated(byte[] piece) {
        byte[] all = new byte[piece.length * REPEATS];
        for (int i = 0; i < REPEATS; i++) {
            System.arraycopy(piece, 0, all, i * piece.length, piece.length);
        }
        return all;
    }

    private static List<String> lines(Charset charset, byte[] bytes, int size) {
        List<String> lines = new ArrayList<>();
        LineSplitter splitter = new LineSplitter(charset, (line, count) -> lines.add(line));
        for (int from = 0; from < bytes.length; from += size) {
            byte[] piece = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + size));
            splitter.accept(piece, piece.length);
        }
        splitter.end();
        return lines;
    }

    /** Returns output as workers have it. */
    public static List<byte[]> outputSeeds() {
        return List.of(
                "\u0000one\ntwo\r\nthree\r".getBytes(StandardCharsets.UTF_8),
                "\u0000h\u00e9 \u001b[31mred\u001b[0m \u202eturned".getBytes(StandardCharsets.UTF_8),
                ("\u0002" + "x".repeat(4000)).getBytes(StandardCharsets.UTF_8),
                "\u0001line\n".getBytes(StandardCharsets.UTF_8));
    }
}
