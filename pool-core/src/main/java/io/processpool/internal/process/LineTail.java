package io.processpool.internal.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last lines of a stream. Thread-safe. */
final class LineTail {

    static final int MAX_LINES = 40;
    static final int MAX_LENGTH = 1000;

    @GuardedBy("this")
    private final Deque<String> lines = new ArrayDeque<>(MAX_LINES);

    synchronized void add(String line) {
        if (lines.size() == MAX_LINES) {
            lines.removeFirst();
        }
        lines.addLast(line.length() <= MAX_LENGTH ? line : line.substring(0, MAX_LENGTH) + LineSplitter.CUT);
    }

    /** Returns the lines, oldest first. */
    synchronized List<String> toList() {
        return List.copyOf(lines);
    }
}
