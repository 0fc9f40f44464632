package io.processpool.internal.codec;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a {@link FailureText}.
 *
 * <pre>
 *   failure  = class:string  flags:byte  [message:string]  count  frame*  [cause:failure]  count  suppressed:failure*
 *   frame    = flags:byte  [loader:string]  [module:string]  [version:string]  class:string  method:string
 *              [file:string]  line+2
 * </pre>
 *
 * <p>What is in brackets is there if its flag is set. Counts and lines are variable-length numbers.
 */
final class FailureTextForm {

    private static final int HAS_MESSAGE = 1;
    private static final int HAS_CAUSE = 2;

    private static final int HAS_LOADER = 1;
    private static final int HAS_MODULE = 2;
    private static final int HAS_VERSION = 4;
    private static final int HAS_FILE = 8;

    /** The shortest frame: flags, two empty strings, the line. */
    private static final int MIN_FRAME = 4;

    /** Lines go down to -2, which stands for a native method. */
    private static final int LINE_OFFSET = 2;

    private static final int UNKNOWN_LINE = -1;

    private FailureTextForm() {}

    /** Appends a text. */
    static void write(FailureText text, BytesOut out) {
        String message = text.message();
        FailureText cause = text.cause();
        out.writeString(text.className());
        out.write((message == null ? 0 : HAS_MESSAGE) | (cause == null ? 0 : HAS_CAUSE));
        if (message != null) {
            out.writeString(message);
        }
        out.writeVarLong(text.stack().size());
        for (StackTraceElement frame : text.stack()) {
            write(frame, out);
        }
        if (cause != null) {
            write(cause, out);
        }
        out.writeVarLong(text.suppressed().size());
        for (FailureText suppressed : text.suppressed()) {
            write(suppressed, out);
        }
    }

    private static void write(StackTraceElement frame, BytesOut out) {
        String module = frame.getModuleName();
        String loader = frame.getClassLoaderName();
        String version = frame.getModuleVersion();
        String file = frame.getFileName();
        out.write((loader == null ? 0 : HAS_LOADER)
                | (module == null ? 0 : HAS_MODULE)
                | (version == null ? 0 : HAS_VERSION)
                | (file == null ? 0 : HAS_FILE));
        writeIfThere(loader, out);
        writeIfThere(module, out);
        writeIfThere(version, out);
        out.writeString(frame.getClassName());
        out.writeString(frame.getMethodName());
        writeIfThere(file, out);
        int line = frame.getLineNumber();
        out.writeVarLong(LINE_OFFSET + (long) (line < -LINE_OFFSET ? UNKNOWN_LINE : line));
    }

    private static void writeIfThere(@Nullable String value, BytesOut out) {
        if (value != null) {
            out.writeString(value);
        }
    }

    /** Reads a text; refuses one that is larger than any that is written. */
    static FailureText read(BytesIn in) throws IOException {
        return new Reader(in).read(0);
    }

    private static final class Reader {

        private final BytesIn in;

        /** How many bytes are left after the last that may belong to it. */
        private final long end;

        private int failures;

        Reader(BytesIn in) {
            this.in = in;
            this.end = in.remaining() - FailureText.MAX_BYTES;
        }

        FailureText read(int depth) throws IOException {
            if (depth > FailureText.MAX_DEPTH) {
                throw new IOException("more than " + FailureText.MAX_DEPTH + " causes");
            }
            if (++failures > FailureText.MAX_FAILURES) {
                throw new IOException("more than " + FailureText.MAX_FAILURES + " exceptions");
            }
            String className = readString();
            int flags = in.readByte();
            String message = (flags & HAS_MESSAGE) == 0 ? null : readString();
            int frames = in.readVarInt();
            if (frames > FailureText.MAX_FRAMES || frames > in.remaining() / MIN_FRAME) {
                throw new IOException(frames + " frames in " + in.remaining() + " bytes");
            }
            List<StackTraceElement> stack = new ArrayList<>(frames);
            for (int i = 0; i < frames; i++) {
                stack.add(readFrame());
            }
            FailureText cause = (flags & HAS_CAUSE) == 0 ? null : read(depth + 1);
            int count = in.readVarInt();
            List<FailureText> suppressed = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                suppressed.add(read(depth + 1));
            }
            return new FailureText(className, message, stack, cause, suppressed);
        }

        private StackTraceElement readFrame() throws IOException {
            int flags = in.readByte();
            return new StackTraceElement(
                    readIfThere(flags & HAS_LOADER),
                    readIfThere(flags & HAS_MODULE),
                    readIfThere(flags & HAS_VERSION),
                    readString(),
                    readString(),
                    readIfThere(flags & HAS_FILE),
                    in.readVarInt() - LINE_OFFSET);
        }

        private @Nullable String readIfThere(int flag) throws IOException {
            return flag == 0 ? null : readString();
        }

        private String readString() throws IOException {
            int length = in.readVarInt();
            if (in.remaining() - length < end) {
                throw new IOException("more bytes than the " + FailureText.MAX_BYTES + " of any exception");
            }
            Bytes utf8 = in.readBytes(length);
            String value = new String(utf8.toArray(), StandardCharsets.UTF_8);
            if (value.length() > FailureText.MAX_STRING) {
                throw new IOException("a string of " + value.length() + " characters");
            }
            return value;
        }
    }
}
