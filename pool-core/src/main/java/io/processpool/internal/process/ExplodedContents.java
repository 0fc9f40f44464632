package io.processpool.internal.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What lies on the class path of an exploded executable archive, in the order in which its launcher searches it: the
 * classes, the jars that its index does not name, by name, and those that it names, in its order.
 *
 * @param classPath directories and jars
 */
record ExplodedContents(List<Path> classPath) {

    /** {@code - "BOOT-INF/lib/some.jar"}. */
    private static final Pattern LINE = Pattern.compile("- \"(.+)\"\\s*");

    static ExplodedContents of(BootArchive archive) throws IOException {
        Path root = archive.path();
        Set<Path> indexed = new LinkedHashSet<>();
        Path index = root.resolve(BootArchive.index(archive.war()));
        if (Files.isRegularFile(index)) {
            for (String line : Files.readAllLines(index)) {
                Matcher entry = LINE.matcher(line);
                if (entry.matches()) {
                    indexed.add(root.resolve(entry.group(1)));
                }
            }
        }
        List<Path> classPath = new ArrayList<>();
        Path classes = root.resolve(BootArchive.classes(archive.war()));
        if (Files.isDirectory(classes)) {
            classPath.add(classes);
        }
        for (String directory : BootArchive.libraries(archive.war())) {
            Path libraries = root.resolve(directory);
            if (Files.isDirectory(libraries)) {
                try (Stream<Path> files = Files.walk(libraries)) {
                    files.filter(Files::isRegularFile)
                            .filter(file -> !indexed.contains(file))
                            .sorted()
                            .forEach(classPath::add);
                }
            }
        }
        indexed.stream().filter(Files::isRegularFile).forEach(classPath::add);
        for (Path entry : classPath) {
            if (entry.toString().contains(File.pathSeparator)) {
                throw new IOException("a file has a name that cannot be in a class path: " + entry);
            }
        }
        return new ExplodedContents(List.copyOf(classPath));
    }
}
