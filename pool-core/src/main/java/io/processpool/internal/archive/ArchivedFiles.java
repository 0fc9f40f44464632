package io.processpool.internal.archive;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The jars of a class path with the marks by which the JVM knows that they are unchanged, size and time.
 *
 * <p>Manifests may lead to further jars. Those are followed where the class path is short, as it is with a jar that
 * holds nothing but a class path; to open a hundred jars would cost more than an archive gains. The JVM checks them
 * again in any case.
 */
final class ArchivedFiles {

    private static final int SHORT = 4;
    private static final String WILDCARD = File.separator + "*";

    /** From the path of a jar to its marks, in the order of the class path. */
    private final Map<Path, String> marks = new LinkedHashMap<>();

    private ArchivedFiles() {}

    /**
     * Looks at the entries of a class path.
     *
     * @param classPath absolute entries, with the platform's separator
     * @return a line for each jar
     * @throws UnsuitableException if there is anything but jars
     */
    static List<String> marks(String classPath) throws UnsuitableException {
        ArchivedFiles files = new ArchivedFiles();
        String[] entries = classPath.split(Pattern.quote(File.pathSeparator), -1);
        for (String entry : entries) {
            if (entry.endsWith(WILDCARD)) {
                files.addJarsIn(Path.of(entry.substring(0, entry.length() - 1)));
            } else {
                files.add(Path.of(entry));
            }
        }
        if (entries.length <= SHORT) {
            for (Path jar : List.copyOf(files.marks.keySet())) {
                files.addManifestEntries(jar);
            }
        }
        List<String> lines = new ArrayList<>();
        files.marks.forEach((path, mark) -> lines.add(path + " " + mark));
        return lines;
    }

    private void addJarsIn(Path directory) throws UnsuitableException {
        TreeSet<Path> jars = new TreeSet<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.{jar,JAR}")) {
            found.forEach(jars::add);
        } catch (IOException | DirectoryIteratorException e) {
            throw new UnsuitableException("a directory that cannot be read: " + directory);
        }
        for (Path jar : jars) {
            add(jar);
        }
    }

    /** Returns whether the jar is a new one. */
    private boolean add(Path path) throws UnsuitableException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                throw new UnsuitableException("a directory on the class path: " + path);
            }
            String mark =
                    attributes.size() + " " + attributes.lastModifiedTime().toMillis();
            return marks.put(path, mark) == null;
        } catch (IOException e) {
            throw new UnsuitableException("an entry of the class path that cannot be read: " + path);
        }
    }

    private void addManifestEntries(Path jar) throws UnsuitableException {
        String classPath = classPathOf(jar);
        if (classPath == null) {
            return;
        }
        for (String entry : classPath.trim().split(" +", -1)) {
            Path path = resolve(jar, entry);
            if (!entry.isEmpty() && path != null && Files.exists(path) && add(path)) {
                addManifestEntries(path);
            }
        }
    }

    private static @Nullable String classPathOf(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            return manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
        } catch (IOException e) {
            return null; // no jar to the JVM either
        }
    }

    /** The entries are URLs, relative to the jar. */
    private static @Nullable Path resolve(Path jar, String entry) {
        try {
            return Path.of(jar.toUri().resolve(entry));
        } catch (RuntimeException e) {
            return null;
        }
    }
}
