package io.processpool.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** The class path of this JVM as jars, as an application has it: the directories of the build are packed. */
public final class LibraryJars {

    private LibraryJars() {}

    /** Packs into this directory; returns the entries of a class path of jars alone. */
    public static List<String> in(Path target) {
        List<String> jars = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path)) {
                jars.add(pack(path, target.resolve("packed-" + jars.size() + ".jar"))
                        .toString());
            } else if (Files.exists(path)) {
                jars.add(path.toString());
            }
        }
        return List.copyOf(jars);
    }

    private static Path pack(Path directory, Path jar) {
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                out.putNextEntry(
                        new JarEntry(directory.relativize(file).toString().replace(File.separatorChar, '/')));
                out.write(Files.readAllBytes(file));
                out.closeEntry();
            }
            return jar;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a jar look as if it had been written anew. */
    public static void touch(String jar) {
        Path path = Path.of(jar);
        try {
            FileTime time = Files.getLastModifiedTime(path);
            Files.setLastModifiedTime(path, FileTime.fromMillis(time.toMillis() - 10_000));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
