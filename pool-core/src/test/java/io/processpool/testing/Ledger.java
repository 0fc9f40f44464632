package io.processpool.testing;

import java.io.IOException;
import java.io.Serial;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A file to which tasks of all workers add lines, so that a test can count what really ran. A line is one write, and so
 * survives the death of its process as a whole or not at all.
 */
public final class Ledger implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String file;

    private Ledger(Path file) {
        this.file = file.toString();
    }

    /** Makes an empty ledger. */
    public static Ledger in(Path directory, String name) {
        try {
            return new Ledger(Files.createFile(directory.resolve(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For tasks: adds a line. */
    public void add(Object line) {
        try {
            Files.writeString(Path.of(file), line + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the lines in the order in which they were written. */
    public List<String> lines() {
        try {
            return Files.readAllLines(Path.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns how often each line was written. */
    public Map<String, Long> counts() {
        return lines().stream()
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
    }
}
