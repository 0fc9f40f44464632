package io.processpool.internal.process;

import io.processpool.WorkerStartException;
import io.processpool.internal.Nanos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.jar.JarFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The extracted archives of this process. All pools share one extraction of an archive; it is made when the first asks
 * for it, on a thread of its own, and deleted when the last has ended. It lies in a {@link RuntimeDirectory}, whose name
 * and lock tell the workers and later processes when its owner is dead.
 *
 * <p>Thread-safe.
 */
final class Extractions {

    /** Those of this process. */
    static final Extractions SHARED = new Extractions(RuntimeDirectory::roots);

    private static final Logger LOG = LoggerFactory.getLogger(Extractions.class);
    private static final Duration END = Duration.ofSeconds(5);

    private final Supplier<List<Path>> roots;

    /** By archive. Guarded by this. */
    private final Map<Path, Extraction> current = new HashMap<>();

    /**
     * Makes an empty collection.
     *
     * @param roots where directories can be made, best first
     */
    Extractions(Supplier<List<Path>> roots) {
        this.roots = roots;
    }

    /**
     * Returns the extraction of an archive. Blocks until it is made.
     *
     * @param limit how long to wait at most
     * @return a share of it, to be closed when no worker needs it any more
     * @throws IOException if it cannot be made, or not in time; then nothing is left behind
     */
    Lease lease(BootArchive archive, Duration limit) throws IOException {
        Extraction extraction;
        boolean created = false;
        synchronized (this) {
            Extraction known = current.get(archive.path());
            if (known == null) {
                created = true;
                known = new Extraction(archive);
                current.put(archive.path(), known);
            }
            extraction = known;
            extraction.users++;
        }
        boolean done = false;
        try {
            if (created) {
                Threads.start("processpool-extraction", extraction::run);
            }
            Extracted extracted = extraction.result.get(Nanos.of(limit), TimeUnit.NANOSECONDS);
            done = true;
            return new Lease(extraction, extracted);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("not done within " + limit, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the thread was interrupted", e);
        } catch (OutOfMemoryError e) {
            extraction.result.completeExceptionally(e);
            throw new IOException("this process cannot create more threads", e);
        } finally {
            if (!done) {
                extraction.leave();
            }
        }
    }

    /** What was extracted, and where. */
    private record Extracted(RuntimeDirectory directory, List<Path> classPath) {}

    /** A pool's share of an extraction. */
    final class Lease implements AutoCloseable {

        private final Extraction extraction;
        private final Extracted extracted;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Lease(Extraction extraction, Extracted extracted) {
            this.extraction = extraction;
            this.extracted = extracted;
        }

        /** Returns the directory that everything is in. */
        Path directory() {
            return extracted.directory().path();
        }

        /** Returns the jars in their order. */
        List<Path> classPath() {
            return extracted.classPath();
        }

        /**
         * Returns whether everything is still there: somebody may tidy up places like {@code /tmp}. If not, nobody gets
         * a share of it any more.
         */
        boolean isIntact() {
            boolean intact = extracted.classPath().stream().allMatch(Files::isRegularFile);
            if (!intact) {
                extraction.forget();
            }
            return intact;
        }

        /** Gives the share back; the last one deletes the files. Idempotent. */
        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                extraction.leave();
            }
        }
    }

    /** One archive. */
    private final class Extraction {

        private final BootArchive archive;
        private final CompletableFuture<Extracted> result = new CompletableFuture<>();
        private volatile boolean unwanted;

        /** Guarded by the collection. */
        private int users;

        Extraction(BootArchive archive) {
            this.archive = archive;
        }

        /** On the thread of the extraction. */
        void run() {
            long start = System.nanoTime();
            try {
                Extracted extracted = extract();
                LOG.debug(
                        "Extracted {} to {} in {} ms",
                        archive.path(),
                        extracted.directory(),
                        (System.nanoTime() - start) / 1_000_000);
                result.complete(extracted);
            } catch (IOException | RuntimeException | Error e) {
                forget();
                result.completeExceptionally(e);
            }
        }

        private Extracted extract() throws IOException {
            try (JarFile jar = new JarFile(archive.path().toFile(), false)) {
                BootContents contents = BootContents.of(jar, archive.war());
                RuntimeDirectory directory = newDirectory(contents.bytes());
                boolean complete = false;
                try {
                    List<Path> classPath = new BootExtractor(directory.path(), () -> unwanted).extract(jar, contents);
                    complete = true;
                    return new Extracted(directory, List.copyOf(classPath));
                } finally {
                    if (!complete) {
                        directory.close();
                    }
                }
            }
        }

        /** Leaves at least as much room as it takes. */
        private RuntimeDirectory newDirectory(long bytes) throws IOException {
            IOException failure =
                    new IOException("no place for " + bytes + " bytes that leaves as much room, and can be written to");
            for (Path root : roots.get()) {
                try {
                    long room = Files.getFileStore(root).getUsableSpace();
                    if (room >= 2 * bytes) {
                        return RuntimeDirectory.create(List.of(root));
                    }
                    failure.addSuppressed(new IOException(root + " has room for " + room + " bytes"));
                } catch (IOException | WorkerStartException | SecurityException e) {
                    failure.addSuppressed(e);
                }
            }
            throw failure;
        }

        private void forget() {
            synchronized (Extractions.this) {
                current.remove(archive.path(), this);
            }
        }

        void leave() {
            synchronized (Extractions.this) {
                users--;
                if (users > 0) {
                    return;
                }
                current.remove(archive.path(), this);
                unwanted = true;
            }
            try {
                result.get(END.toMillis(), TimeUnit.MILLISECONDS).directory().close();
            } catch (ExecutionException e) {
                return; // then there is nothing
            } catch (TimeoutException e) {
                LOG.debug("The extraction of {} does not end; it is deleted when it does", archive.path());
                deleteLater();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                deleteLater();
            }
        }

        @SuppressWarnings("FutureReturnValueIgnored")
        private void deleteLater() {
            result.thenAccept(extracted -> extracted.directory().close());
        }
    }
}
