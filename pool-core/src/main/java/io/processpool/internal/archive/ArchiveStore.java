package io.processpool.internal.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The archives in a {@link PrivateDirectory}. The name of each holds its key and a checksum of its content,
 * {@code <key>-<crc>.jsa}, so that both come into being in one step, and a damaged one is recognised: the JVM itself
 * looks at the head of an archive only, and crashes over the rest.
 *
 * <p>Bounded: at most 20 archives, none that was not used for 30 days. What a training that failed leaves is a note,
 * {@code <key>.failed}, which keeps the next from being tried for a day.
 *
 * <p>Finding is safe for use by many threads and processes; everything else needs the {@link TrainingLock}.
 */
public final class ArchiveStore {

    private static final int MAX_FILES = 20;
    private static final Duration UNUSED = Duration.ofDays(30);
    private static final Duration FAILED = Duration.ofDays(1);
    private static final Duration TOUCH = Duration.ofDays(1);

    private static final String ARCHIVE = ".jsa";
    private static final String NOTE = ".failed";
    private static final String UNFINISHED = ".tmp";

    private final Path directory;
    private final Clock clock;

    /**
     * Makes a store.
     *
     * @param directory the directory, which must be private
     */
    public ArchiveStore(Path directory) {
        this(directory, Clock.systemUTC());
    }

    ArchiveStore(Path directory, Clock clock) {
        this.directory = directory;
        this.clock = clock;
    }

    /**
     * Finds an archive. Reads it wholly, to see that it is as it was.
     *
     * @param key the key
     * @return the archive, null if there is none that could be used
     */
    public @Nullable Path find(String key) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, key + "-*" + ARCHIVE)) {
            for (Path archive : found) {
                if (isIntact(archive, key)) {
                    touch(archive);
                    return archive;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return null;
        }
        return null;
    }

    private boolean isIntact(Path archive, String key) {
        try {
            PrivateDirectory.requireOwn(archive, PrivateDirectory.uid(directory));
            return Files.isRegularFile(archive, LinkOption.NOFOLLOW_LINKS)
                    && archive.getFileName().toString().equals(name(key, checksum(archive)));
        } catch (IOException | UnsuitableException e) {
            return false;
        }
    }

    /** The time of an archive is that of its last use, give or take a day. */
    private void touch(Path archive) throws IOException {
        Instant now = clock.instant();
        if (modified(archive).isBefore(now.minus(TOUCH))) {
            Files.setLastModifiedTime(archive, FileTime.from(now));
        }
    }

    private static Instant modified(Path file) throws IOException {
        return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
    }

    private static String name(String key, long checksum) {
        return String.format("%s-%08x%s", key, checksum, ARCHIVE);
    }

    private static long checksum(Path file) throws IOException {
        CRC32 sum = new CRC32();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (channel.read(buffer.clear()) >= 0) {
                sum.update(buffer.flip());
            }
        }
        return sum.getValue();
    }

    /**
     * Puts an archive in its place, in one step: whoever looks finds all of it or nothing.
     *
     * @param key the key
     * @param made the archive, which is copied
     * @return where it is now
     * @throws IOException if that is not possible; then nothing is left
     */
    public Path install(String key, Path made) throws IOException {
        Path unfinished = directory.resolve(key + UNFINISHED);
        Files.deleteIfExists(unfinished);
        try {
            copy(made, unfinished);
            Path archive = directory.resolve(name(key, checksum(unfinished)));
            Files.setLastModifiedTime(unfinished, FileTime.from(clock.instant()));
            Files.move(unfinished, archive, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return archive;
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ);
                FileChannel out = FileChannel.open(
                        to,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            long size = in.size();
            for (long at = 0; at < size; ) {
                long copied = in.transferTo(at, size - at, out);
                if (copied <= 0) {
                    throw new IOException("ends at " + at + " of " + size + " bytes: " + from);
                }
                at += copied;
            }
        }
    }

    /**
     * Notes that no archive could be made.
     *
     * @param key the key
     * @throws IOException if that is not possible
     */
    public void noteFailure(String key) throws IOException {
        Path note = directory.resolve(key + NOTE);
        Files.write(note, new byte[0]);
        Files.setLastModifiedTime(note, FileTime.from(clock.instant()));
    }

    /**
     * Tells whether a training failed that lately that the next would most likely fail as well.
     *
     * @param key the key
     * @return whether it did
     */
    public boolean hasFailed(String key) {
        try {
            return !modified(directory.resolve(key + NOTE))
                    .isBefore(clock.instant().minus(FAILED));
        } catch (IOException e) {
            return false;
        }
    }

    /** Deletes what is damaged under this key, and of all others what is old, too much, or was not finished. */
    public void tidyUp(String key) {
        record Found(Path path, Instant modified) {}
        List<Found> archives = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(UNFINISHED) || (name.startsWith(key + "-") && !isIntact(file, key))) {
                    delete(file);
                } else if (name.endsWith(NOTE) && isOlder(file, FAILED)) {
                    delete(file);
                } else if (name.endsWith(ARCHIVE) && isOlder(file, UNUSED)) {
                    delete(file);
                } else if (name.endsWith(ARCHIVE)) {
                    archives.add(new Found(file, modified(file)));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return; // the next one does it
        }
        archives.stream()
                .sorted(Comparator.comparing(Found::modified).reversed())
                .skip(MAX_FILES)
                .forEach(found -> delete(found.path()));
    }

    private boolean isOlder(Path file, Duration age) throws IOException {
        try {
            return modified(file).isBefore(clock.instant().minus(age));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // somebody made a directory of that name
        }
    }
}
