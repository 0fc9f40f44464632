package io.processpool.internal.process;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.UUID;

/**
 * Deletes a directory with all that is in it, however deep that is: deeper than any path may be long. What is below a
 * directory in the root is moved up into the root before it is looked into, so no name is of more than two parts, three
 * directories are open at a time, and nothing is kept of what is still to be done.
 *
 * <p>Goes through open directories, where the system has that: to delete, no symbolic link is ever followed, even if it takes the
 * place of a directory meanwhile. Goes on if something cannot be deleted. Directories that may not be read or written are made so
 * that their owner may; should a link take the place of one at that moment, what it leads to is made so, and gets no further rights
 * for others.
 */
final class DeepDeletion {

    /** Somebody who makes directories all the time does not keep the deleting thread for ever. */
    private static final int MAX_MOVED = 1 << 20;

    private interface Step {
        void run() throws IOException;
    }

    /** What is done with one name of a directory. */
    private interface Visit {
        void to(Path name) throws IOException;
    }

    private final Path root;
    private final SecureDirectoryStream<Path> top;

    /** What begins the names of directories that were moved up. No other has such a name. */
    private final String prefix = ".deleted-" + UUID.randomUUID() + "-";

    private int moved;

    private DeepDeletion(Path root, SecureDirectoryStream<Path> top) {
        this.root = root;
        this.top = top;
    }

    /**
     * Deletes a directory.
     *
     * @return false if this is no directory, or the system cannot go through open ones; then nothing has been done
     * @throws IOException if it cannot be opened, or is not empty at the end
     */
    static boolean delete(Path root) throws IOException {
        Path name = root.getFileName();
        Path parent = root.toAbsolutePath().getParent();
        if (name == null || parent == null || !Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (DirectoryStream<Path> around = Files.newDirectoryStream(parent)) {
            if (!(around instanceof SecureDirectoryStream<Path> secure)) {
                return false;
            }
            try (SecureDirectoryStream<Path> top = open(secure, name, root)) {
                new DeepDeletion(root, top).emptyTop();
            }
            secure.deleteDirectory(name);
            return true;
        }
    }

    private static SecureDirectoryStream<Path> open(SecureDirectoryStream<Path> in, Path name, Path path)
            throws IOException {
        try {
            return in.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS);
        } catch (AccessDeniedException e) {
            Deletion.open(path);
            return in.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS);
        }
    }

    private void emptyTop() {
        forEach(top, name -> {
            if (isDirectory(top, name)) {
                deleteDirectory(name);
            } else {
                permitted(top, () -> top.deleteFile(name));
            }
        });
        for (int i = 0; i < moved; i++) { // which grows meanwhile
            Path name = root.getFileSystem().getPath(prefix + i);
            try {
                deleteDirectory(name);
            } catch (IOException e) {
                // one less must not keep the others
            }
        }
    }

    /** Deletes a directory of the root; those in it go up. */
    private void deleteDirectory(Path name) throws IOException {
        Path path = root.resolve(name);
        try (SecureDirectoryStream<Path> directory = open(top, name, path)) {
            forEach(directory, each -> {
                if (isDirectory(directory, each)) {
                    moveUp(directory, each, path.resolve(each));
                } else {
                    permitted(directory, () -> directory.deleteFile(each));
                }
            });
        } catch (NoSuchFileException e) {
            return; // one that was moved up, and came along in the root
        }
        permitted(top, () -> top.deleteDirectory(name));
    }

    private void moveUp(SecureDirectoryStream<Path> from, Path name, Path path) throws IOException {
        if (moved == MAX_MOVED) {
            return;
        }
        Path to = root.getFileSystem().getPath(prefix + moved++);
        try {
            from.move(name, top, to);
        } catch (AccessDeniedException e) { // to be moved, it has to be writable itself
            openUp(from);
            openUp(top);
            Deletion.open(path);
            from.move(name, top, to);
        }
    }

    private static void forEach(SecureDirectoryStream<Path> directory, Visit visit) {
        try {
            for (Path each : directory) {
                try {
                    visit.to(each.getFileName());
                } catch (IOException e) {
                    // one less must not keep the others
                }
            }
        } catch (DirectoryIteratorException e) {
            // then it will not be empty
        }
    }

    private static boolean isDirectory(SecureDirectoryStream<Path> in, Path name) throws IOException {
        BasicFileAttributeView view =
                in.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        try {
            return view.readAttributes().isDirectory();
        } catch (AccessDeniedException e) {
            openUp(in);
            return view.readAttributes().isDirectory();
        }
    }

    /** Does something that needs a directory which may be written; if it may not, opens that up and tries again. */
    private static void permitted(SecureDirectoryStream<Path> directory, Step step) throws IOException {
        try {
            step.run();
        } catch (AccessDeniedException e) {
            openUp(directory);
            step.run();
        }
    }

    private static void openUp(SecureDirectoryStream<Path> directory) throws IOException {
        directory.getFileAttributeView(PosixFileAttributeView.class).setPermissions(Deletion.ALL_OF_OWNER);
    }
}
