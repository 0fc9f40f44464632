package io.processpool.internal.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds and deletes the {@linkplain RuntimeDirectory runtime directories} whose owner is dead.
 *
 * <p>Two signs must agree. The name holds the owner's pid and start time, and no such process exists: pids are reused,
 * hence the start time. And nobody holds the lock in the directory: a pid of another container that shares the
 * directory means nothing here, but a lock does.
 */
final class Leftovers {

    /** The start time is computed from the boot time, which moves with the clock. */
    private static final Duration START_TOLERANCE = Duration.ofSeconds(10);

    /** A directory without a lock file may be one whose owner is just about to create it. */
    private static final Duration LOCK_GRACE = Duration.ofMinutes(1);

    private static final Pattern NAME =
            Pattern.compile(Pattern.quote(RuntimeDirectory.PREFIX) + "(\\d{1,18})-(\\d{1,18})-[0-9a-f]+");

    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

    private Leftovers() {}

    /** Deletes what dead owners of this user have left in these directories. Never throws. */
    static void sweep(List<Path> roots) {
        for (Path root : roots) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(root, RuntimeDirectory.PREFIX + "*")) {
                for (Path directory : found) {
                    if (isLeftover(directory) && RuntimeDirectory.deleteRecursively(directory)) {
                        LOG.debug("Deleted {}, left behind by a process that is gone", directory);
                    }
                }
            } catch (IOException | DirectoryIteratorException | SecurityException e) {
                LOG.debug("Cannot look for left-over directories in {}", root, e);
            }
        }
    }

    static boolean isLeftover(Path directory) {
        Matcher name = NAME.matcher(directory.getFileName().toString());
        if (!name.matches() || !isOwnerDead(Long.parseLong(name.group(1)), Long.parseLong(name.group(2)))) {
            return false;
        }
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(directory, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isDirectory() && isOwn(directory) && isUnlocked(directory, attributes.lastModifiedTime());
        } catch (IOException | UnsupportedOperationException | SecurityException e) {
            return false;
        }
    }

    static boolean isOwnerDead(long pid, long startMillis) {
        ProcessHandle owner = ProcessHandle.of(pid).orElse(null);
        if (owner == null || !owner.isAlive()) {
            return true;
        }
        Instant started = owner.info().startInstant().orElse(null);
        if (started == null || startMillis == 0) {
            return false;
        }
        return Math.abs(started.toEpochMilli() - startMillis) > START_TOLERANCE.toMillis();
    }

    private static boolean isOwn(Path directory) throws IOException {
        UserPrincipal self = Self.USER;
        return self != null && self.equals(Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS));
    }

    private static boolean isUnlocked(Path directory, FileTime modified) throws IOException {
        Path file = directory.resolve(RuntimeDirectory.LOCK_FILE);
        try (FileChannel channel =
                FileChannel.open(file, Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (NoSuchFileException e) {
            return modified.toInstant().isBefore(Instant.now().minus(LOCK_GRACE));
        }
    }

    /** Who this process is, found out when there is a first candidate. */
    private static final class Self {

        static final @Nullable UserPrincipal USER = find();

        private static @Nullable UserPrincipal find() {
            try {
                // The owner of a new file, because a user without a name, as in many containers, has no other.
                Path probe = Files.createTempFile("processpool", null);
                try {
                    return Files.getOwner(probe);
                } finally {
                    Files.deleteIfExists(probe);
                }
            } catch (IOException | UnsupportedOperationException | SecurityException e) {
                return null;
            }
        }
    }
}
