package io.processpool.internal.archive;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The right to make an archive, which one pool of this user has at a time. It ends with the process that has it, however
 * that ends: it is a lock of the operating system, on a file that stays.
 */
public final class TrainingLock implements AutoCloseable {

    /** The name of the file. */
    static final String FILE = "training.lock";

    /** A lock belongs to the whole process, and any channel that is closed releases it: so this one is asked first. */
    private static final AtomicBoolean TAKEN = new AtomicBoolean();

    private final FileChannel channel;

    private TrainingLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock if nobody has it. Does not wait.
     *
     * @param directory where archives are kept
     * @return the lock, null if somebody else has it
     * @throws IOException if there are no locks here
     */
    public static @Nullable TrainingLock tryTake(Path directory) throws IOException {
        if (!TAKEN.compareAndSet(false, true)) {
            return null;
        }
        TrainingLock lock = null;
        try {
            lock = take(directory);
            return lock;
        } finally {
            if (lock == null) {
                TAKEN.set(false);
            }
        }
    }

    private static @Nullable TrainingLock take(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(
                file(directory),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        boolean taken = false;
        try {
            taken = channel.tryLock() != null;
            return taken ? new TrainingLock(channel) : null;
        } finally {
            if (!taken) {
                channel.close();
            }
        }
    }

    /**
     * Returns the file that is locked.
     *
     * @param directory where archives are kept
     * @return its path
     */
    public static Path file(Path directory) {
        return directory.resolve(FILE);
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            TAKEN.set(false);
        }
    }
}
