package io.processpool.internal.process;

import io.processpool.WorkerStartException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The private directory of one pool: its sockets and argument files are in it. Mode 0700 where the file system knows
 * modes.
 *
 * <p>The name tells the owner, {@code processpool-<pid>-<start time>-<random>}, and a lock on a file inside is held as
 * long as the owner lives, so that {@link #sweep()} of a later JVM recognises what a killed one has left behind.
 *
 * <p>Jobs that tidy up may delete it while the pool lives; {@link #has} notices, and {@link #renew} helps.
 *
 * <p>Thread-safe. {@link #close()} deletes the directory with all that is in it.
 */
public final class RuntimeDirectory implements AutoCloseable {

    /** The longest path of a Unix domain socket that every platform accepts, in bytes. */
    static final int MAX_SOCKET_PATH = 100;

    /** The longest name, in bytes, that a socket in this directory may have. */
    static final int MAX_SOCKET_NAME = 20;

    static final String PREFIX = "processpool-";
    static final String LOCK_FILE = "owner.lock";

    /** Where Linux keeps files in memory. */
    private static final Path MEMORY = Path.of("/dev/shm");

    private static final int DELETE_ATTEMPTS = 3;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final AtomicBoolean SWEPT = new AtomicBoolean();

    /**
     * A directory that was made.
     *
     * @param path where it is
     * @param lock the lock in it, or null where there are none
     * @param owner who made it, or null where files have no owners
     */
    private record Made(
            Path path, @Nullable FileChannel lock, @Nullable UserPrincipal owner) {

        static Made at(Path path) throws IOException {
            Files.createDirectory(path, privateMode("rwx------"));
            return new Made(path, lockIn(path), ownerOf(path));
        }

        private static @Nullable UserPrincipal ownerOf(Path path) throws IOException {
            try {
                return Files.getOwner(path, LinkOption.NOFOLLOW_LINKS);
            } catch (UnsupportedOperationException e) {
                return null;
            }
        }

        /** Whether it is still there. If somebody has deleted it, others may have made one of its name. */
        boolean isThere() {
            try {
                return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) && Objects.equals(ownerOf(path), owner);
            } catch (IOException | SecurityException e) {
                return false;
            }
        }

        void delete() {
            boolean ours = isThere();
            if (lock != null) {
                try {
                    lock.close();
                } catch (IOException e) {
                    // the lock ends with this JVM
                }
            }
            if (ours) {
                deleteRecursively(path);
            }
        }
    }

    private final List<Path> roots;
    private final AtomicLong names = new AtomicLong();
    private volatile Made made;

    /** Those that were made before and are still there; guarded by this. */
    private final List<Made> former = new ArrayList<>();

    /** Guarded by this. */
    private boolean closed;

    private RuntimeDirectory(List<Path> roots) {
        this.roots = List.copyOf(roots);
        this.made = make(this.roots);
    }

    /**
     * Creates a directory. Sweeps before.
     *
     * @return the directory, to be closed by the caller
     * @throws WorkerStartException if no place is writable
     */
    public static RuntimeDirectory create() {
        sweep();
        return create(roots());
    }

    /** Creates a directory in the first of these places that is writable and gives short enough socket paths. */
    static RuntimeDirectory create(List<Path> roots) {
        return new RuntimeDirectory(roots);
    }

    private static Made make(List<Path> roots) {
        WorkerStartException failure = new WorkerStartException(
                "No directory for sockets can be created in any of " + roots + "; set java.io.tmpdir to a writable one",
                null);
        List<Path> tooLong = new ArrayList<>();
        for (Path root : roots) {
            Path path = root.resolve(newName());
            if (socketPathBytes(path) > MAX_SOCKET_PATH) {
                tooLong.add(path);
                continue;
            }
            Made directory = tryMake(path, failure);
            if (directory != null) {
                return directory;
            }
        }
        // Better than nothing: the channel falls back to TCP where a socket path is too long.
        for (Path path : tooLong) {
            Made directory = tryMake(path, failure);
            if (directory != null) {
                return directory;
            }
        }
        throw failure;
    }

    /** Creates a directory for files that only ever are in memory; returns null if there is no place for such. */
    public static @Nullable RuntimeDirectory createInMemory() {
        try {
            return Files.isDirectory(MEMORY) ? create(List.of(MEMORY)) : null;
        } catch (WorkerStartException e) {
            return null; // others may not write there
        }
    }

    /** Returns the attribute that creates a file for this user only, or none where modes are unknown. */
    public static FileAttribute<?>[] privateFile() {
        return privateMode("rw-------");
    }

    /** Returns the attribute that creates a directory for this user only, or none where modes are unknown. */
    public static FileAttribute<?>[] privateDirectory() {
        return privateMode("rwx------");
    }

    private static @Nullable Made tryMake(Path path, Throwable failure) {
        try {
            return Made.at(path);
        } catch (IOException | SecurityException e) {
            failure.addSuppressed(e);
            return null;
        }
    }

    /** Returns the places where directories are made, best first: not always the first, whose path may be too long. */
    public static List<Path> roots() {
        List<Path> roots = new ArrayList<>();
        addRoot(roots, System.getProperty("java.io.tmpdir"));
        addRoot(roots, System.getenv("XDG_RUNTIME_DIR"));
        addRoot(roots, "/tmp");
        addRoot(roots, "/var/tmp");
        addRoot(roots, System.getProperty("user.home"));
        return roots;
    }

    private static void addRoot(List<Path> roots, @Nullable String directory) {
        if (directory != null && !directory.isBlank()) {
            Path root = Path.of(directory).toAbsolutePath();
            if (!roots.contains(root) && Files.isDirectory(root)) {
                roots.add(root);
            }
        }
    }

    private static String newName() {
        byte[] random = new byte[4];
        RANDOM.nextBytes(random);
        ProcessHandle self = ProcessHandle.current();
        long started = self.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return PREFIX + self.pid() + "-" + started + "-" + HexFormat.of().formatHex(random);
    }

    private static int socketPathBytes(Path directory) {
        return directory.toString().getBytes(StandardCharsets.UTF_8).length + 1 + MAX_SOCKET_NAME;
    }

    /** Returns the attribute that creates a file with this mode, or none where modes are unknown. */
    static FileAttribute<?>[] privateMode(String permissions) {
        if (!FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        };
    }

    /** Locks; without a lock, as on some network file systems, the pid in the name must do. */
    private static @Nullable FileChannel lockIn(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(
                directory.resolve(LOCK_FILE),
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                privateFile());
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (IOException e) {
            // no locks here
        }
        channel.close();
        return null;
    }

    /**
     * Returns the directory.
     *
     * @return an absolute path
     */
    public Path path() {
        return made.path();
    }

    /**
     * Returns the path of a file in the directory. For a socket, the name has at most 20 bytes.
     *
     * @param name the file's name
     * @return an absolute path
     */
    public Path resolve(String name) {
        return made.path().resolve(name);
    }

    /** Returns a path in the directory that nobody has been given before. */
    Path newPath(String prefix, String suffix) {
        return resolve(prefix + "-" + names.incrementAndGet() + suffix);
    }

    /**
     * Tells whether the directory is still there, with its lock and a file in it: not deleted by a job that tidies up, nor
     * exchanged.
     *
     * @param name the name of the file
     */
    public boolean has(String name) {
        Made current = made;
        return current.isThere()
                && exists(current.path().resolve(LOCK_FILE))
                && exists(current.path().resolve(name));
    }

    /**
     * Makes another directory, under another name, in place of one that somebody has deleted. What is left of that is
     * deleted in the end.
     *
     * @throws WorkerStartException if no place is writable, or this is closed
     */
    public synchronized void renew() {
        if (closed) {
            throw new WorkerStartException("The directory of the pool is closed: " + made.path(), null);
        }
        Made fresh = make(roots);
        Made old = made;
        made = fresh;
        if (old.isThere()) {
            former.add(old); // workers may still use what is left of it
        } else {
            old.delete();
        }
    }

    /** Deletes the directory and all that is in it, as far as possible. Idempotent. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        made.delete();
        former.forEach(Made::delete);
    }

    /**
     * Deletes the directories that dead owners have left behind, and has a thread kill the workers that have outlived
     * theirs; only the first call in a JVM does something. Best effort: only what belongs to this user, never through a
     * symbolic link, never throws.
     */
    public static void sweep() {
        if (SWEPT.compareAndSet(false, true)) {
            List<Path> roots = new ArrayList<>(roots());
            roots.add(MEMORY);
            Leftovers.sweep(roots.stream().filter(Files::isDirectory).toList());
            Orphans.killInBackground();
        }
    }

    /**
     * Deletes a directory that another process has created, if that has died: then nobody holds the lock in it. For
     * processes that know the directory from its owner. Does not throw.
     *
     * @param path the directory
     * @return whether nothing is left; if not, somebody has the lock, or there are no locks here
     */
    public static boolean deleteIfUnlocked(Path path) {
        try (FileChannel channel = FileChannel.open(
                path.resolve(LOCK_FILE), Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
            return channel.tryLock() != null && deleteRecursively(path);
        } catch (IOException | OverlappingFileLockException | SecurityException e) {
            return !exists(path);
        }
    }

    /**
     * Deletes a file or a directory with all that is in it, as far as possible. Symbolic links are deleted, not
     * followed. Does not throw.
     *
     * @param path what to delete
     * @return whether nothing is left
     */
    public static boolean deleteRecursively(Path path) {
        // More than once, because a process that is about to die may create a file meanwhile.
        for (int attempt = 0; attempt < DELETE_ATTEMPTS && exists(path); attempt++) {
            try {
                deleteOnce(path);
            } catch (IOException | SecurityException | StackOverflowError e) {
                // the next attempt, or never
            }
        }
        return !exists(path);
    }

    private static void deleteOnce(Path path) throws IOException {
        try {
            if (DeepDeletion.delete(path)) {
                return;
            }
        } catch (IOException e) {
            // what is left may be in reach of the other way
        }
        Files.walkFileTree(path, new Deletion(path));
    }

    private static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public String toString() {
        return made.path().toString();
    }
}
