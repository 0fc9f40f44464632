package io.processpool.internal.process;

import io.processpool.internal.PlainText;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the error file that a JVM writes when it crashes: where it was told to, in its directory, or in a temporary one. */
final class ErrorFiles {

    private static final String OPTION = "-XX:ErrorFile=";
    private static final String DEFAULT_NAME = "hs_err_pid%p.log";

    private static final int HEAD_LINES = 15;

    /** A worker may leave a file of any length, without any line end. */
    private static final int HEAD_BYTES = 8192;

    /** How much a file system's clock may be behind. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(2);

    private final Path directory;
    private final List<String> jvmArguments;

    /**
     * Makes a finder.
     *
     * @param directory the working directory of the JVM
     * @param jvmArguments its arguments
     */
    ErrorFiles(Path directory, List<String> jvmArguments) {
        this.directory = directory;
        this.jvmArguments = List.copyOf(jvmArguments);
    }

    /** Returns the error file of the process, or null if there is none that was written since it started. */
    @Nullable
    Path find(long pid, Instant started) {
        for (String candidate : candidates()) {
            Path file;
            try {
                file = directory.resolve(fill(candidate, pid));
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                        && !Files.getLastModifiedTime(file).toInstant().isBefore(started.minus(CLOCK_TOLERANCE))) {
                    return file;
                }
            } catch (IOException | InvalidPathException | SecurityException e) {
                // not here
            }
        }
        return null;
    }

    private List<String> candidates() {
        List<String> candidates = new ArrayList<>();
        for (String argument : jvmArguments) {
            if (argument.startsWith(OPTION)) {
                // the last one wins
                candidates.add(0, argument.substring(OPTION.length()));
            }
        }
        candidates.add(DEFAULT_NAME);
        String temporary = System.getProperty("java.io.tmpdir"); // an application may have cleared it
        if (temporary != null && !temporary.isEmpty()) {
            candidates.add(temporary.replace("%", "%%") + File.separator + DEFAULT_NAME);
        }
        candidates.add("/tmp/" + DEFAULT_NAME);
        return candidates;
    }

    /** {@code %p} is the pid, and {@code %%} a percent sign. */
    private static String fill(String pattern, long pid) {
        StringBuilder filled = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char next = pattern.charAt(i);
            char after = i + 1 < pattern.length() ? pattern.charAt(i + 1) : 0;
            if (next == '%' && after == 'p') {
                filled.append(pid);
                i++;
            } else {
                filled.append(next);
                i += next == '%' && after == '%' ? 1 : 0;
            }
        }
        return filled.toString();
    }

    /** Returns the first lines of an error file. */
    static List<String> head(@Nullable Path file) {
        if (file == null) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        // Also for writing: if it has been exchanged for a pipe, to open that for reading alone would wait for a
        // writer.
        try (FileChannel channel = FileChannel.open(
                file, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(channel.size(), HEAD_BYTES));
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                continue;
            }
            String head = new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
            head.lines().limit(HEAD_LINES).map(PlainText::escape).forEach(lines::add);
        } catch (IOException e) {
            // what there is
        }
        return lines;
    }
}
