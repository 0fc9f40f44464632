package io.processpool.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.ToolProvider;

/** Classes that only a class loader of their own knows: what the other side's class path would miss. */
final class ClassesFromSource {

    private ClassesFromSource() {}

    /** Compiles one top-level class of the package {@code elsewhere}. */
    static URLClassLoader compile(Path directory, String simpleName, String body) {
        try {
            Path source = directory.resolve("elsewhere").resolve(simpleName + ".java");
            Files.createDirectories(source.getParent());
            Files.writeString(source, "package elsewhere; " + body);
            int exit = ToolProvider.getSystemJavaCompiler()
                    .run(
                            null,
                            null,
                            null,
                            "-nowarn",
                            "-proc:none",
                            "-cp",
                            System.getProperty("java.class.path"),
                            "-d",
                            directory.toString(),
                            source.toString());
            assertThat(exit).isZero();
            return loader(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens a class loader on what was compiled to a directory. */
    static URLClassLoader loader(Path directory) {
        try {
            return new URLClassLoader(new URL[] {directory.toUri().toURL()}, ClassesFromSource.class.getClassLoader());
        } catch (MalformedURLException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes an instance with the default constructor. */
    static Object instance(ClassLoader loader, String simpleName) throws ReflectiveOperationException {
        return loader.loadClass("elsewhere." + simpleName).getConstructor().newInstance();
    }
}
