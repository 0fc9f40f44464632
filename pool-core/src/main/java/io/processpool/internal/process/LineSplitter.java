package io.processpool.internal.process;

import io.processpool.internal.PlainText;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.function.ObjIntConsumer;

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

    private final Charset charset;
    private final ObjIntConsumer<String> sink;

    private byte[] line = new byte[INITIAL_CAPACITY];
    private int length;
    private boolean dropping;
    private boolean afterReturn;

    /**
     * Makes a splitter.
     *
     * @param sink takes each line, and how many bytes it was made of
     */
    LineSplitter(Charset charset, ObjIntConsumer<String> sink) {
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
        String text = PlainText.escape(new String(line, 0, length, charset)) + suffix;
        int bytes = length;
        length = 0;
        sink.accept(text, bytes);
    }
}
