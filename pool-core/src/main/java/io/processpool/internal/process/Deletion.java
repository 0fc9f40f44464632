package io.processpool.internal.process;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Deletes all files that it visits, and then their directory; goes on if one cannot be deleted. Directories that may not be
 * read or written, as some archives have them, are made so that they may. For what a {@link DeepDeletion} cannot do.
 */
final class Deletion extends SimpleFileVisitor<Path> {

    static final Set<PosixFilePermission> ALL_OF_OWNER = PosixFilePermissions.fromString("rwx------");

    private final Path root;

    /** Directories that could not be read, and were opened up since. */
    private final Set<Path> opened = new HashSet<>();

    /** Makes a visitor that changes nothing outside of a directory, or a single file. */
    Deletion(Path root) {
        this.root = root;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        delete(file);
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS) && opened.add(file) && open(file)) {
            Files.walkFileTree(file, this);
        }
        return FileVisitResult.CONTINUE;
    }

    /** Makes a directory so that it may be read and written; returns false if it cannot. */
    static boolean open(Path directory) {
        try {
            Files.setPosixFilePermissions(directory, ALL_OF_OWNER);
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) {
        delete(directory);
        return FileVisitResult.CONTINUE;
    }

    /** One file less must not keep the others. */
    private void delete(Path path) {
        if (!tryToDelete(path)) {
            Path directory = path.getParent();
            if (directory != null && !path.equals(root) && open(directory)) {
                tryToDelete(path);
            }
        }
    }

    /** Returns false if its directory may not be written. */
    private static boolean tryToDelete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (AccessDeniedException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
        return true;
    }
}
