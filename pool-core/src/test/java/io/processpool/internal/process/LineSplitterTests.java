package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineSplitterTests {

    private static List<String> split(Charset charset, byte[]... chunks) {
        List<String> lines = new ArrayList<>();
        LineSplitter splitter = new LineSplitter(charset, (line, bytes) -> lines.add(line));
        for (byte[] chunk : chunks) {
            splitter.accept(chunk, chunk.length);
        }
        splitter.end();
        return lines;
    }

    private static List<String> split(String... chunks) {
        byte[][] bytes = new byte[chunks.length][];
        for (int i = 0; i < chunks.length; i++) {
            bytes[i] = chunks[i].getBytes(StandardCharsets.UTF_8);
        }
        return split(StandardCharsets.UTF_8, bytes);
    }

    @Test
    void accept_allLineEnds_separate() {
        assertThat(split("a\nb\r\nc\rd\n\ne")).containsExactly("a", "b", "c", "d", "", "e");
    }

    @Test
    void accept_lineEndAcrossChunks_isOne() {
        assertThat(split("a\r", "\nb", "c\n", "\n")).containsExactly("a", "bc", "");
    }

    @Test
    void accept_nothing_isNoLine() {
        assertThat(split()).isEmpty();
        assertThat(split("\n")).containsExactly("");
    }

    @Test
    void accept_characterAcrossChunks_isWhole() {
        byte[] bytes = "\u20ac\n".getBytes(StandardCharsets.UTF_8);

        assertThat(split(StandardCharsets.UTF_8, new byte[] {bytes[0]}, new byte[] {bytes[1], bytes[2], bytes[3]}))
                .containsExactly("\u20ac");
    }

    @Test
    void accept_malformedBytes_areReplaced() {
        assertThat(split(StandardCharsets.UTF_8, new byte[] {'a', (byte) 0xff, 'b', '\n'}))
                .containsExactly("a\ufffdb");
    }

    @Test
    void accept_controlCharacters_areEscaped() {
        assertThat(split("a\tb\u001b[31m\u0000\u007f\u0085\u2028\u202e\u2066z\n"))
                .containsExactly("a\tb\\u001b[31m\\u0000\\u007f\\u0085\\u2028\\u202e\\u2066z");
    }

    @Test
    void accept_lineTooLong_isCutAndItsRestDropped() {
        String allowed = "x".repeat(LineSplitter.MAX_LINE);

        assertThat(split(allowed + "\n", allowed + "y".repeat(100_000), "y\nnext\n"))
                .containsExactly(allowed, allowed + LineSplitter.CUT, "next");
    }

    @Test
    void accept_endlessLine_isReportedAtOnce() {
        List<String> lines = new ArrayList<>();
        LineSplitter splitter = new LineSplitter(StandardCharsets.UTF_8, (line, bytes) -> lines.add(line));
        byte[] chunk = "x".repeat(LineSplitter.MAX_LINE + 1).getBytes(StandardCharsets.UTF_8);

        for (int i = 0; i < 100; i++) {
            splitter.accept(chunk, chunk.length);
        }
        splitter.end();

        assertThat(lines).hasSize(1);
    }

    @Test
    void tail_manyLongLines_keepsTheLastAndCutsThem() {
        LineTail tail = new LineTail();
        for (int i = 0; i < 100; i++) {
            tail.add(i + "x".repeat(2000));
        }

        assertThat(tail.toList())
                .hasSize(LineTail.MAX_LINES)
                .allSatisfy(line -> assertThat(line).hasSize(LineTail.MAX_LENGTH + LineSplitter.CUT.length()));
        assertThat(tail.toList().get(0)).startsWith("60x");
    }
}
