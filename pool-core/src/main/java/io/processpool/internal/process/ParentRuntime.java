package io.processpool.internal.process;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How this JVM got its own classes.
 *
 * @param property the system properties
 * @param variable the environment
 * @param libraryLoader what loaded this library
 * @param contextLoader the context class loader of the thread that launches
 * @param systemLoader the system class loader
 * @param library the jar or directory that this library was loaded from, null if it is none, as in a nested jar
 */
record ParentRuntime(
        Function<String, @Nullable String> property,
        Function<String, @Nullable String> variable,
        @Nullable ClassLoader libraryLoader,
        @Nullable ClassLoader contextLoader,
        ClassLoader systemLoader,
        @Nullable Path library) {

    static ParentRuntime current() {
        return new ParentRuntime(
                System::getProperty,
                System::getenv,
                ParentRuntime.class.getClassLoader(),
                Thread.currentThread().getContextClassLoader(),
                ClassLoader.getSystemClassLoader(),
                locate());
    }

    private static @Nullable Path locate() {
        CodeSource source = ParentRuntime.class.getProtectionDomain().getCodeSource();
        return source == null ? null : toPath(source.getLocation());
    }

    /** Returns the file of a {@code file:} URL, or null if it is another one. */
    static @Nullable Path toPath(@Nullable URL url) {
        if (url == null || !"file".equals(url.getProtocol())) {
            return null;
        }
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
            // some class loaders do not escape
            return Path.of(url.getPath());
        }
    }
}
