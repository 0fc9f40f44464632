package io.processpool.internal.archive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The directory where archives are kept: one that nobody but this user can have written to, nor exchanged. An archive
 * is code, which the JVM runs without a look; so whoever could place one here could do anything in this user's name.
 *
 * <p>The directory must belong to this user, with mode 0700. Each directory above it must belong to this user or to
 * root, and must not be writable for others, unless it is sticky like {@code /tmp}. Where files have no such attributes,
 * as on Windows, there is no such directory.
 */
public final class PrivateDirectory {

    /** The system property that names the directory. */
    public static final String PROPERTY = "processpool.archiveDirectory";

    private static final int ROOT = 0;
    private static final int OTHERS_MAY_ANYTHING = 0077;
    private static final int OTHERS_MAY_WRITE = 0022;
    private static final int STICKY = 01000;

    private PrivateDirectory() {}

    /**
     * Finds the directory.
     *
     * @param own a file that this process has created, which tells who it is
     * @param create whether to create it if it is not there
     * @return the directory, null if there is none
     * @throws UnsuitableException if all places are unsafe or cannot be written to
     */
    public static @Nullable Path find(Path own, boolean create) throws UnsuitableException {
        return find(candidates(), own, create);
    }

    static @Nullable Path find(List<Path> candidates, Path own, boolean create) throws UnsuitableException {
        List<String> reasons = new ArrayList<>();
        for (Path candidate : candidates) {
            try {
                if (create && !Files.exists(candidate, LinkOption.NOFOLLOW_LINKS)) {
                    create(candidate);
                }
                if (Files.exists(candidate, LinkOption.NOFOLLOW_LINKS)) {
                    requirePrivate(candidate, uid(own));
                    return candidate.toRealPath();
                }
            } catch (UnsuitableException e) {
                reasons.add(e.getMessage());
            } catch (IOException | UnsupportedOperationException | IllegalArgumentException | SecurityException e) {
                reasons.add(candidate + ": " + e);
            }
        }
        if (create || !reasons.isEmpty()) {
            throw new UnsuitableException("no directory of this user's own: " + reasons);
        }
        return null;
    }

    /** Where it may be, best first. */
    private static List<Path> candidates() {
        String property = System.getProperty(PROPERTY);
        if (property != null) {
            return List.of(Path.of(property).toAbsolutePath());
        }
        List<Path> candidates = new ArrayList<>();
        String cache = System.getenv("XDG_CACHE_HOME");
        String home = System.getProperty("user.home");
        if (cache != null && Path.of(cache).isAbsolute()) {
            candidates.add(Path.of(cache, "processpool"));
        } else if (home != null && Path.of(home).isAbsolute() && Files.isDirectory(Path.of(home))) {
            candidates.add(Path.of(home, ".cache", "processpool"));
        }
        candidates.add(Path.of(
                        System.getProperty("java.io.tmpdir"),
                        "processpool-archives-"
                                + System.getProperty("user.name", "").replaceAll("[^A-Za-z0-9._-]", "_"))
                .toAbsolutePath());
        return candidates;
    }

    private static void create(Path directory) throws IOException {
        Set<PosixFilePermission> mode = PosixFilePermissions.fromString("rwx------");
        Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(mode));
    }

    /** Throws unless only the user of this number can change what is found under this path. */
    static void requirePrivate(Path directory, int user) throws IOException, UnsuitableException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw new UnsuitableException(directory + " is no directory");
        }
        requireOwn(directory, user);
        Path above = directory.toRealPath().getParent();
        while (above != null) {
            int owner = uid(above);
            int mode = mode(above);
            if (owner != user && owner != ROOT) {
                throw new UnsuitableException(above + " belongs to user " + owner);
            }
            if ((mode & OTHERS_MAY_WRITE) != 0 && (mode & STICKY) == 0) {
                throw new UnsuitableException(above + " can be written by others, mode=" + Integer.toOctalString(mode));
            }
            above = above.getParent();
        }
    }

    /** Throws unless a file or directory belongs to the user of this number alone. */
    static void requireOwn(Path path, int user) throws IOException, UnsuitableException {
        if (uid(path) != user) {
            throw new UnsuitableException(path + " belongs to user " + uid(path));
        }
        if ((mode(path) & OTHERS_MAY_ANYTHING) != 0) {
            throw new UnsuitableException(
                    path + " is open to others, mode=" + Integer.toOctalString(mode(path) & 07777));
        }
    }

    static int uid(Path path) throws IOException {
        return (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    private static int mode(Path path) throws IOException {
        return (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    }
}
