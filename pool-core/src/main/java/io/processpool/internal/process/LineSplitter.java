package io.processpool.internal.process;

import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;

/**
 * Cuts bytes into lines that are fit for a log, whatever the bytes are. A line ends with LF, CR LF or CR. One that is
 * too long is passed on as far as it is allowed to be, at once, and its rest is dropped. Malformed bytes are replaced,
 * control characters escaped. Not thread-safe.
 */
final class LineSplitter {

    /** The longest line, in bytes. */
    static final int MAX_LINE = 64 * 1024;

    /** What a line that was too long ends with. */
    static final String CUT = " [...]";

    private static final int INITIAL_CAPACITY = 256;
    private static final HexFormat HEX = HexFormat.of();

    private final Charset charset;
    private final Consumer<String> sink;

    private byte[] line = new byte[INITIAL_CAPACITY];
    private int length;
    private boolean dropping;
    private boolean afterReturn;

    LineSplitter(Charset charset, Consumer<String> sink) {
        this.charset = charset;
        this.sink = sink;
    }

    /** Takes the next bytes. */
    void accept(byte[] bytes, int count) {
        for (int i = 0; i < count; i++) {
            byte next = bytes[i];
            if (next == '\n' && afterReturn) {
                afterReturn = false;
                continue;
            }
            afterReturn = next == '\r';
            if (next == '\n' || next == '\r') {
                endLine();
            } else if (!dropping) {
                append(next);
            }
        }
    }

    private void append(byte next) {
        if (length == MAX_LINE) {
            emit(CUT);
            dropping = true;
            return;
        }
        if (length == line.length) {
            line = Arrays.copyOf(line, Math.min(MAX_LINE, 2 * length));
        }
        line[length++] = next;
    }

    private void endLine() {
        if (!dropping) {
            emit("");
        }
        dropping = false;
    }

    /** Takes the end: a last line needs no line end. */
    void end() {
        if (length > 0) {
            emit("");
        }
    }

    private void emit(String suffix) {
        String text = escape(new String(line, 0, length, charset)) + suffix;
        length = 0;
        sink.accept(text);
    }

    /** Escapes what could forge lines or colours in a log: control characters but the tab, and changes of direction. */
    static String escape(String text) {
        int first = 0;
        while (first < text.length() && !isHarmful(text.charAt(first))) {
            first++;
        }
        if (first == text.length()) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(text.length() + 16).append(text, 0, first);
        for (int i = first; i < text.length(); i++) {
            char next = text.charAt(i);
            if (isHarmful(next)) {
                escaped.append("\\u").append(HEX.toHexDigits(next));
            } else {
                escaped.append(next);
            }
        }
        return escaped.toString();
    }

    private static boolean isHarmful(char c) {
        return (c < ' ' && c != '\t')
                || (c >= 0x7f && c < 0xa0)
                || (c >= 0x2028 && c <= 0x202e)
                || (c >= 0x2066 && c <= 0x2069);
    }
}
