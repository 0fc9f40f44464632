package io.processpool.internal.process;

import io.processpool.internal.archive.ArchiveStore;
import io.processpool.internal.archive.PrivateDirectory;
import io.processpool.internal.archive.UnsuitableException;
import io.processpool.internal.archive.WorkerRecipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the workers of a pool start with an archive of loaded classes, and with which. An archive that is there is
 * looked for at each launch until it is found; its content is checked once, and that it is still there at each launch,
 * because a JVM whose archive is missing does without that of the JDK as well.
 *
 * <p>Thread-safe.
 */
final class ClassSharing {

    private static final Logger LOG = LoggerFactory.getLogger(ClassSharing.class);

    /** A mismatch is nothing to tell anybody: the worker starts all the same. */
    private static final String SILENT =
            Runtime.version().feature() < 25 ? "-Xlog:cds*=off" : "-Xlog:cds*=off,aot*=off";

    /** Where an archive would be, and under which key; there is none if the reason is not null. */
    private record Place(
            @Nullable Path directory, String key, @Nullable String reason) {}

    /** What decides for which workers an archive is good. */
    interface Recipes {

        /**
         * Returns the recipe of the workers.
         *
         * @param packaging how they get their classes
         * @throws UnsuitableException if they can have no archive
         */
        WorkerRecipe of(Packaging packaging) throws UnsuitableException;
    }

    /** An archive whose content has been checked, and how to tell that it is still the same file. */
    private record Checked(
            Path archive, long size, @Nullable Object file) {}

    private final String pool;
    private final Supplier<Path> own;
    private final Recipes recipes;

    private volatile @Nullable Checked checked;
    private volatile boolean distrusted;

    private final AtomicReference<@Nullable Place> place = new AtomicReference<>();

    /**
     * Makes one for a pool.
     *
     * @param pool the name of the pool
     * @param own gives a directory that this process has created, which tells who it is
     * @param recipes what the workers are launched with; asked once, since all workers of a pool are launched alike
     */
    ClassSharing(String pool, Supplier<Path> own, Recipes recipes) {
        this.pool = pool;
        this.own = own;
        this.recipes = recipes;
    }

    /**
     * Returns what the JVM of a worker is to be told.
     *
     * @param packaging how it gets its classes
     * @return nothing if there is no archive
     */
    List<String> options(Packaging packaging) {
        if (distrusted) {
            return List.of();
        }
        Checked known = checked;
        if (known == null || !known.equals(look(known.archive()))) {
            known = check(packaging);
            checked = known;
        }
        return known == null ? List.of() : List.of("-XX:SharedArchiveFile=" + known.archive(), SILENT);
    }

    private @Nullable Checked check(Packaging packaging) {
        try {
            Path directory = directory(packaging, false);
            Path archive = directory == null ? null : new ArchiveStore(directory).find(key(packaging));
            return archive == null ? null : look(archive);
        } catch (UnsuitableException e) {
            return null; // it was said when this was found out
        }
    }

    private static @Nullable Checked look(Path archive) {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(archive, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return new Checked(archive, attributes.size(), attributes.fileKey());
        } catch (IOException e) {
            return null;
        }
    }

    /** A worker did not start with the archive. Whatever the reason is, the next ones start without. */
    void distrust() {
        if (checked != null && !distrusted) {
            distrusted = true;
            LOG.debug("A worker with an archive of classes did not start, others do without (pool={})", pool);
        }
    }

    boolean distrusted() {
        return distrusted;
    }

    /**
     * Returns the directory of the archives.
     *
     * @param packaging how the workers get their classes
     * @param create whether to create it
     * @return null if it is not there
     * @throws UnsuitableException if these workers can have no archive
     */
    @Nullable
    Path directory(Packaging packaging, boolean create) throws UnsuitableException {
        Place known = place(packaging);
        if (known.directory() != null) {
            return known.directory();
        }
        Path directory = PrivateDirectory.find(own.get(), create);
        if (directory != null) {
            place.set(new Place(directory, known.key(), null));
        }
        return directory;
    }

    /** Returns the key of the archive. */
    String key(Packaging packaging) throws UnsuitableException {
        return place(packaging).key();
    }

    /** Found out without a lock, since files are read; whoever comes at the same time finds the same. */
    private Place place(Packaging packaging) throws UnsuitableException {
        Place known = place.get();
        if (known == null) {
            Place found = find(packaging);
            Place earlier = place.compareAndExchange(null, found);
            known = earlier == null ? found : earlier;
            if (earlier == null && found.reason() != null) {
                LOG.debug("Workers start without an archive of classes: {} (pool={})", found.reason(), pool);
            }
        }
        if (known.reason() != null) {
            throw new UnsuitableException(known.reason());
        }
        return known;
    }

    /** The class path does not change while this JVM runs; one that does all the same is the JVM's to notice. */
    private Place find(Packaging packaging) {
        try {
            String key = recipes.of(packaging).key();
            return new Place(PrivateDirectory.find(own.get(), false), key, null);
        } catch (UnsuitableException e) {
            return new Place(null, "", e.getMessage());
        }
    }

    /** Returns the option that makes the JVM of a training say nothing. */
    static String silent() {
        return SILENT;
    }
}
