package io.processpool.internal.process;

import io.processpool.internal.archive.ArchiveStore;
import io.processpool.internal.archive.TrainingLock;
import io.processpool.internal.archive.UnsuitableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the archive that the workers of a pool miss: one pool of this user at a time, aside, in the runtime directory of
 * the pool, from where it is copied to its place when it is complete. What fails is noted, so that it is not tried each
 * time.
 */
final class ArchiveMaker {

    private static final Logger LOG = LoggerFactory.getLogger(ArchiveMaker.class);

    /** The file that takes what the process writes. */
    static final String OUTPUT = "output";

    private static final int OUTPUT_LIMIT = 4096;

    /** Runs the process that writes an archive. */
    interface Trainer {

        /**
         * Runs it to its end.
         *
         * @param directory an empty one, for its files
         * @param archive where it is to write the archive to
         * @param readable a file that lies where the archive will be, and that it must be able to read
         * @return whether it ended well
         */
        boolean run(Path directory, Path archive, Path readable);

        /** Returns whether the process was not let run to its end, so that its failure means nothing. */
        boolean closed();
    }

    private final String pool;
    private final ClassSharing sharing;
    private final RuntimeDirectory runtime;

    ArchiveMaker(String pool, ClassSharing sharing, RuntimeDirectory runtime) {
        this.pool = pool;
        this.sharing = sharing;
        this.runtime = runtime;
    }

    /**
     * Makes the archive if it is missing, which takes a second or more.
     *
     * @param packaging how the workers get their classes
     * @return false if somebody else is making one, so that it is worth to come again
     */
    boolean make(Packaging packaging, Trainer trainer) {
        try {
            Path directory = sharing.directory(packaging, true);
            String key = sharing.key(packaging);
            if (directory == null || sharing.distrusted() || isSettled(directory, key)) {
                return true;
            }
            try (TrainingLock lock = TrainingLock.tryTake(directory)) {
                if (lock == null) {
                    return false;
                }
                // Whoever had the lock before may have made this one.
                if (!isSettled(directory, key)) {
                    train(trainer, directory, key);
                }
                return true;
            }
        } catch (UnsuitableException e) {
            LOG.debug("No archive of classes is made: {} (pool={})", e.getMessage(), pool);
            return true;
        } catch (IOException e) {
            LOG.debug("No archive of classes is made (pool={})", pool, e);
            return true;
        }
    }

    private static boolean isSettled(Path directory, String key) {
        ArchiveStore store = new ArchiveStore(directory);
        return store.find(key) != null || store.hasFailed(key);
    }

    private void train(Trainer trainer, Path directory, String key) throws IOException {
        ArchiveStore store = new ArchiveStore(directory);
        store.tidyUp(key);
        long start = System.nanoTime();
        Path work = runtime.resolve("training");
        Files.createDirectory(work, RuntimeDirectory.privateMode("rwx------"));
        try {
            Path made = work.resolve("made.jsa");
            boolean well = trainer.run(work, made, TrainingLock.file(directory)) && Files.isRegularFile(made);
            if (trainer.closed()) {
                return;
            }
            if (!well) {
                store.noteFailure(key);
                LOG.debug("No archive of classes is made, it failed (pool={}, output={})", pool, output(work));
                return;
            }
            Path archive = store.install(key, made);
            long millis = (System.nanoTime() - start) / 1_000_000;
            LOG.debug("Archive of classes made after {} ms (pool={}, archive={})", millis, pool, archive);
        } finally {
            RuntimeDirectory.deleteRecursively(work);
        }
    }

    private static String output(Path work) {
        try (InputStream in = Files.newInputStream(work.resolve(OUTPUT))) {
            return new String(in.readNBytes(OUTPUT_LIMIT), OutputPump.charset());
        } catch (IOException e) {
            return "none";
        }
    }
}
