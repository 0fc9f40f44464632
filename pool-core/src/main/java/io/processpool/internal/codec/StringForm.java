package io.processpool.internal.codec;

import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The three forms in which a string travels; {@link #of} picks the shortest that keeps every char, unpaired surrogates
 * included. The length follows from the count of bytes.
 */
enum StringForm {
    /** One byte for each char: all are below 256. The only form with a straight copy from the string's own array. */
    LATIN_1(16) {
        @Override
        @SuppressWarnings("deprecation") // Drops the high bytes, which are all zero here, and spares a temporary array.
        void write(String value, BytesOut out) {
            int length = value.length();
            byte[] target = out.reserve(length);
            value.getBytes(0, length, target, out.position());
            out.advance(length);
        }

        @Override
        String read(BytesIn in) throws IOException {
            return decode(in, StandardCharsets.ISO_8859_1);
        }
    },
    /** One to four bytes for each code point: mostly Western text with a few others, and no unpaired surrogates. */
    UTF_8(17) {
        @Override
        void write(String value, BytesOut out) {
            byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
            out.write(utf8, 0, utf8.length);
        }

        @Override
        String read(BytesIn in) throws IOException {
            return decode(in, StandardCharsets.UTF_8);
        }
    },
    /** Two bytes for each char, as in {@link ArrayKind#CHARS}. Unlike a charset, this keeps unpaired surrogates. */
    UTF_16(18) {
        @Override
        void write(String value, BytesOut out) {
            ArrayKind.CHARS.write(value.toCharArray(), out);
        }

        @Override
        String read(BytesIn in) throws IOException {
            return new String((char[]) ArrayKind.CHARS.read(in));
        }
    };

    private static final StringForm[] FORMS = values();

    private final int tag;

    StringForm(int tag) {
        this.tag = tag;
    }

    /** Writes the chars. */
    abstract void write(String value, BytesOut out);

    /** Reads all that is left as a string. */
    abstract String read(BytesIn in) throws IOException;

    /** Returns the form with the given tag, or null if there is none. */
    static @Nullable StringForm tagged(int tag) {
        for (StringForm form : FORMS) {
            if (form.tag == tag) {
                return form;
            }
        }
        return null;
    }

    /** Returns the number that stands for this form on the wire. */
    int tag() {
        return tag;
    }

    /** Picks the form for a string. */
    static StringForm of(String value) {
        int length = value.length();
        int all = 0;
        for (int i = 0; i < length; i++) {
            all |= value.charAt(i);
        }
        return all < 0x100 ? LATIN_1 : shorterUnicode(value);
    }

    private static StringForm shorterUnicode(String value) {
        int length = value.length();
        long utf8 = 0;
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (c < 0x80) {
                utf8++;
            } else if (c < 0x800) {
                utf8 += 2;
            } else if (!Character.isSurrogate(c)) {
                utf8 += 3;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < length
                    && Character.isLowSurrogate(value.charAt(i + 1))) {
                utf8 += 4;
                i++;
            } else {
                return UTF_16;
            }
        }
        return utf8 < 2L * length && utf8 < Integer.MAX_VALUE ? UTF_8 : UTF_16;
    }

    private static String decode(BytesIn in, Charset charset) throws IOException {
        long remaining = in.remaining();
        if (remaining > Integer.MAX_VALUE - 8) {
            throw new IOException(remaining + " bytes are too long for a string");
        }
        int length = (int) remaining;
        if (in.contiguous() == length) {
            String value = new String(in.array(), in.position(), length, charset);
            in.advance(length);
            return value;
        }
        byte[] joined = new byte[length];
        in.readFully(joined, 0, length);
        return new String(joined, charset);
    }
}
