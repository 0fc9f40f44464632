package io.processpool.internal;

import java.util.HexFormat;

/** Text that comes from a worker, made fit for a log. */
public final class PlainText {

    private static final HexFormat HEX = HexFormat.of();

    private static final int EXCERPT = 1000;

    private PlainText() {}

    /** Escapes what could forge lines or colours in a log: control characters but the tab, and changes of direction. */
    public static String escape(String text) {
        return escape(text, false);
    }

    /** As {@link #escape(String)}, for text of several lines: their ends are kept. */
    public static String escapeLines(String text) {
        return escape(text, true);
    }

    private static String escape(String text, boolean lines) {
        int first = 0;
        while (first < text.length() && !isHarmful(text.charAt(first), lines)) {
            first++;
        }
        if (first == text.length()) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(text.length() + 16).append(text, 0, first);
        for (int i = first; i < text.length(); i++) {
            char next = text.charAt(i);
            if (isHarmful(next, lines)) {
                escaped.append("\\u").append(HEX.toHexDigits(next));
            } else {
                escaped.append(next);
            }
        }
        return escaped.toString();
    }

    /** As {@link #escape}, of the beginning of a text that may be far too long for a message. */
    public static String excerpt(String text) {
        return text.length() <= EXCERPT ? escape(text) : escape(text.substring(0, EXCERPT)) + "...";
    }

    private static boolean isHarmful(char c, boolean lines) {
        return (c < ' ' && c != '\t' && !(lines && c == '\n'))
                || (c >= 0x7f && c < 0xa0)
                || c == 0x61c
                || c == 0x200e
                || c == 0x200f
                || (c >= 0x2028 && c <= 0x202e)
                || (c >= 0x2066 && c <= 0x2069);
    }
}
