package io.processpool.internal.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The temporary directory of one worker: nobody else's, mode 0700 where there are modes, and gone with all that is in it when
 * the worker is. Where it cannot be made, as on a full disk, the worker uses that of this process.
 */
final class OwnTemp {

    private static final String PROPERTY = "java.io.tmpdir";
    private static final Logger LOG = LoggerFactory.getLogger(OwnTemp.class);

    private final @Nullable Path path;

    private OwnTemp(@Nullable Path path) {
        this.path = path;
    }

    /** Makes one at the given place. */
    static OwnTemp create(Path path) {
        try {
            return new OwnTemp(Files.createDirectory(path, RuntimeDirectory.privateDirectory()));
        } catch (IOException | SecurityException e) {
            LOG.warn("{} cannot be made, a worker has no temporary directory of its own: {}", path, e.toString());
            return new OwnTemp(null);
        }
    }

    /** Returns the option of the JVM; one of the user's may follow. */
    List<String> options() {
        String directory = path == null ? System.getProperty(PROPERTY) : path.toString();
        return directory == null ? List.of() : List.of("-D" + PROPERTY + "=" + directory);
    }

    /** Tells other programs, which the worker may start, unless the user does. */
    void apply(Map<String, String> environment, Map<String, String> users) {
        if (path == null) {
            return;
        }
        for (String name : PortablePlatform.isWindows() ? List.of("TEMP", "TMP") : List.of("TMPDIR")) {
            if (!users.containsKey(name)) {
                environment.put(name, path.toString());
            }
        }
    }

    /** Deletes it if nothing is in it, which takes no time; returns whether it is gone. */
    boolean deleteIfEmpty() {
        try {
            return path == null || Files.deleteIfExists(path);
        } catch (IOException | SecurityException e) {
            return false;
        }
    }

    /** Deletes it with all that is in it. */
    void delete() {
        if (path != null && !RuntimeDirectory.deleteRecursively(path)) {
            LOG.debug("{} cannot be deleted yet", path);
        }
    }
}
