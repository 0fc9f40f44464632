package io.processpool.internal.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Makes directories that may not be read or written, and deletes them. */
final class DeletionMain {

    private DeletionMain() {}

    public static void main(String[] args) throws IOException {
        Path root = Files.createDirectory(Path.of(args[0]).resolve("root"));
        Path outside = Files.createDirectory(Path.of(args[0]).resolve("outside"));
        Files.createSymbolicLink(root.resolve("link"), outside);
        Path shut = Files.createDirectories(root.resolve("a/b/c"));
        for (Path directory = shut; !directory.equals(Path.of(args[0])); directory = directory.getParent()) {
            Files.createFile(directory.resolve("file"));
        }
        chmod(shut, "---------");
        chmod(root.resolve("a/b"), "---------");
        chmod(root.resolve("a"), "r-xr-xr-x");
        chmod(outside, "r-xr-xr-x");
        chmod(root, "r-x------");
        try {
            Files.delete(root.resolve("file"));
            System.out.println("this user may do everything");
        } catch (IOException e) {
            System.out.println("deleted: " + RuntimeDirectory.deleteRecursively(root));
            System.out.println("outside: " + PosixFilePermissions.toString(Files.getPosixFilePermissions(outside)));
        }
    }

    private static void chmod(Path directory, String mode) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(mode));
    }
}
