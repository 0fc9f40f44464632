package io.processpool.internal.process;

import io.processpool.ClassPathMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides for one pool whether its workers get the classes of an executable archive through its launcher or unpacked,
 * and keeps the pool's share of what was unpacked.
 *
 * <p>Thread-safe.
 */
final class Unpacker implements AutoCloseable {

    /** What {@link ClassPathMode#AUTO} extracts at most: what costs about as much as one start through the launcher. */
    static final long AUTO_LIMIT = 128L << 20;

    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Unpacker.class);

    private final String pool;
    private final ClassPathMode mode;
    private final Duration limit;
    private final Extractions extractions;

    /** Guarded by this. */
    private Extractions.@Nullable Lease lease;

    /**
     * Makes one for a pool.
     *
     * @param pool the name of the pool
     * @param mode the setting
     * @param startTimeout how long a worker may take to start; an extraction takes half of it at most
     */
    Unpacker(String pool, ClassPathMode mode, Duration startTimeout, Extractions extractions) {
        this.pool = pool;
        this.mode = mode;
        Duration half = startTimeout.dividedBy(2);
        this.limit = half.compareTo(DEADLINE) < 0 ? half : DEADLINE;
        this.extractions = extractions;
    }

    /**
     * Returns what follows the archive in an ordinary class path, or null if workers are to use its launcher. May block
     * until the archive is extracted.
     */
    synchronized @Nullable List<Path> unpack(BootArchive archive) {
        if (mode == ClassPathMode.LAUNCHER) {
            return null;
        }
        if (archive.configured()) {
            return refuse(archive, "it starts with the launcher that has settings of its own", null);
        }
        try {
            if (Files.isDirectory(archive.path())) {
                return ExplodedContents.of(archive).classPath();
            }
            long bytes = size(archive);
            if (mode == ClassPathMode.AUTO && bytes > AUTO_LIMIT) {
                return refuse(archive, "it is large, bytes=" + bytes + ", limit=" + AUTO_LIMIT, null);
            }
            if (lease == null) {
                lease = extractions.lease(archive, limit);
            }
            return lease.classPath();
        } catch (IOException | RuntimeException e) {
            return refuse(archive, e.toString(), e);
        }
    }

    private static long size(BootArchive archive) throws IOException {
        try (JarFile jar = new JarFile(archive.path().toFile(), false)) {
            return BootContents.of(jar, archive.war()).bytes();
        }
    }

    private @Nullable List<Path> refuse(BootArchive archive, String reason, @Nullable Exception failure) {
        if (mode == ClassPathMode.EXTRACTED) {
            LOG.warn(
                    "{} is not extracted, workers start through its launcher: {} (pool={}, classPathMode={})",
                    archive.path(),
                    reason,
                    pool,
                    mode);
        }
        LOG.debug("{} is not extracted: {} (pool={}, classPathMode={})", archive.path(), reason, pool, mode, failure);
        return null;
    }

    /** Returns the directory that the workers need and that outlives them, or null if there is none. */
    synchronized @Nullable Path directory() {
        return lease == null ? null : lease.directory();
    }

    /** Returns whether what was unpacked is still there, if anything was. If it is not, the share is given back. */
    synchronized boolean isIntact() {
        if (lease == null || lease.isIntact()) {
            return true;
        }
        lease.close();
        lease = null;
        LOG.warn("Somebody has deleted the extracted class path of the workers (pool={})", pool);
        return false;
    }

    @Override
    public synchronized void close() {
        if (lease != null) {
            lease.close();
            lease = null;
        }
    }
}
