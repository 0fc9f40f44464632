package io.processpool.internal.process;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An ordered collection of class path entries. They are made absolute, because a worker may have another working
 * directory; what does not exist and what is there already is left out; {@code directory/*} stays as it is.
 */
final class ClassPathEntries {

    private static final String WILDCARD = "*";

    private final Set<String> entries = new LinkedHashSet<>();

    /** Adds the entries of a class path as the JVM takes it: an empty one is the working directory. */
    void addClassPath(String classPath) {
        for (String entry : classPath.split(Pattern.quote(File.pathSeparator), -1)) {
            add(entry);
        }
    }

    /** Adds the modules of a module path: each of its entries is a module, or a directory of modules. */
    void addModulePath(String modulePath) {
        for (String entry : modulePath.split(Pattern.quote(File.pathSeparator), -1)) {
            Path path = toPath(entry);
            if (entry.isEmpty()) {
                continue;
            }
            if (path == null || !Files.isDirectory(path) || isModule(path)) {
                add(entry);
                continue;
            }
            add(path.resolve(WILDCARD).toString());
            try (DirectoryStream<Path> modules = Files.newDirectoryStream(path, ClassPathEntries::isModule)) {
                modules.forEach(this::add);
            } catch (IOException e) {
                // what cannot be read was no module here either
            }
        }
    }

    private static boolean isModule(Path path) {
        return Files.isRegularFile(path.resolve("module-info.class"));
    }

    /** Adds what a chain of class loaders reads from files, nearest first. */
    void addLoaders(@Nullable ClassLoader loader, ClassLoader end) {
        for (ClassLoader next = loader; next != null && !next.equals(end); next = next.getParent()) {
            if (next instanceof URLClassLoader urls) {
                for (URL url : urls.getURLs()) {
                    add(ParentRuntime.toPath(url));
                }
            }
        }
    }

    /** Adds one entry. */
    void add(String entry) {
        boolean wildcard =
                entry.equals(WILDCARD) || entry.endsWith("/" + WILDCARD) || entry.endsWith(File.separator + WILDCARD);
        Path path = toPath(wildcard ? entry.substring(0, entry.length() - 1) : entry);
        if (path == null || !Files.exists(path)) {
            return;
        }
        if (wildcard) {
            entries.add(path + File.separator + WILDCARD);
        } else {
            entries.add(path.toString());
        }
    }

    /** Adds a file or a directory. */
    void add(@Nullable Path path) {
        if (path != null) {
            add(path.toString());
        }
    }

    private static @Nullable Path toPath(String entry) {
        try {
            Path path = Path.of(entry).toAbsolutePath();
            // No other dots are removed: "link/.." need not be where the link is.
            return path.endsWith(".") ? path.getParent() : path;
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** Returns the entries in their order. */
    List<String> toList() {
        return List.copyOf(entries);
    }

    /** Returns whether this file or directory is one of the entries. */
    boolean contains(Path path) {
        Path absolute = path.toAbsolutePath();
        return entries.contains(absolute.toString())
                || (absolute.toString().endsWith(".jar")
                        && entries.contains(absolute.getParent() + File.separator + WILDCARD));
    }

    /**
     * Returns whether this library is among them.
     *
     * @param library where this process has it from, or null
     */
    boolean hasLibrary(@Nullable Path library) {
        return (library != null && contains(library)) || findResource(ClassPathResolver.LIBRARY);
    }

    /** Returns whether a class loader finds this resource in the entries, or where their manifests lead. */
    boolean findResource(String name) {
        List<URL> urls = new ArrayList<>();
        for (String entry : entries) {
            if (entry.endsWith(File.separator + WILDCARD)) {
                Path directory = Path.of(entry.substring(0, entry.length() - 1));
                try (DirectoryStream<Path> jars = Files.newDirectoryStream(directory, "*.{jar,JAR}")) {
                    jars.forEach(jar -> addUrl(urls, jar));
                } catch (IOException e) {
                    // the JVM would not read it either
                }
            } else {
                addUrl(urls, Path.of(entry));
            }
        }
        try (URLClassLoader loader =
                new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
            return loader.findResource(name) != null;
        } catch (IOException e) {
            return false;
        }
    }

    private static void addUrl(List<URL> urls, Path path) {
        try {
            urls.add(path.toUri().toURL());
        } catch (MalformedURLException e) {
            throw new IllegalStateException("A file without a URL: " + path, e);
        }
    }
}
