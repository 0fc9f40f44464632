package io.processpool.internal.process;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * An executable jar or WAR of Spring Boot, packed or exploded: its classes and libraries lie inside of it, where only
 * its own launcher finds them.
 *
 * @param path the archive or directory
 * @param launcher the launcher that takes the name of any main class
 * @param war whether it is a WAR; the launcher must then be told where to look
 * @param configured whether the archive itself starts with that launcher, whose settings then matter
 */
record BootArchive(Path path, String launcher, boolean war, boolean configured) {

    private static final String LAUNCHER = "PropertiesLauncher";

    /** Since Spring Boot 3.2, and before. */
    private static final List<String> LAUNCHERS = List.of(
            "org.springframework.boot.loader.launch." + LAUNCHER, "org.springframework.boot.loader." + LAUNCHER);

    private static final List<String> WAR_PATHS = List.of("WEB-INF/classes", "WEB-INF/lib", "WEB-INF/lib-provided");
    private static final List<String> WAR_LIBRARIES = List.of("WEB-INF/lib/", "WEB-INF/lib-provided/");
    private static final List<String> JAR_LIBRARIES = List.of("BOOT-INF/lib/");

    /** The launcher's settings that say where classes are. Its main class and arguments are not among them. */
    private static final List<String> SETTINGS = List.of(
            "loader.path", "loader.config.name", "loader.config.location", "loader.system", "loader.classLoader");

    /** Returns the archive that this class path entry is, or null if it is none. */
    static @Nullable BootArchive at(Path path) {
        try {
            return Files.isDirectory(path) ? exploded(path) : packed(path);
        } catch (IOException | SecurityException e) {
            return null;
        }
    }

    private static @Nullable BootArchive packed(Path path) throws IOException {
        try (JarFile jar = new JarFile(path.toFile())) {
            Manifest manifest = jar.getManifest();
            for (String launcher : LAUNCHERS) {
                if (jar.getEntry(classFile(launcher)) != null) {
                    return of(path, launcher, manifest);
                }
            }
            return null;
        }
    }

    private static @Nullable BootArchive exploded(Path path) throws IOException {
        Path file = path.resolve(JarFile.MANIFEST_NAME);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        Manifest manifest;
        try (InputStream in = Files.newInputStream(file)) {
            manifest = new Manifest(in);
        }
        for (String launcher : LAUNCHERS) {
            if (Files.isRegularFile(path.resolve(classFile(launcher)))) {
                return of(path, launcher, manifest);
            }
        }
        return null;
    }

    private static @Nullable BootArchive of(Path path, String launcher, @Nullable Manifest manifest) {
        Attributes attributes = manifest == null ? new Attributes() : manifest.getMainAttributes();
        String classes = attributes.getValue("Spring-Boot-Classes");
        if (classes == null) {
            return null;
        }
        return new BootArchive(
                path, launcher, classes.startsWith("WEB-INF/"), launcher.equals(attributes.getValue("Main-Class")));
    }

    /** Returns where the classes are in an archive, with a slash at the end. */
    static String classes(boolean war) {
        return war ? "WEB-INF/classes/" : "BOOT-INF/classes/";
    }

    /** Returns where the jars are, in the order of the class path. */
    static List<String> libraries(boolean war) {
        return war ? WAR_LIBRARIES : JAR_LIBRARIES;
    }

    /** Returns where the order of the jars may be written down. */
    static String index(boolean war) {
        return war ? "WEB-INF/classpath.idx" : "BOOT-INF/classpath.idx";
    }

    private static String classFile(String className) {
        return className.replace('.', '/') + ".class";
    }

    /** Returns how to launch a main class out of this archive. */
    Packaging packaging(List<String> classPath, String mainClass, ParentRuntime runtime) {
        List<String> options = new ArrayList<>();
        if (configured) {
            for (String setting : SETTINGS) {
                String value = setting(setting, runtime);
                if (value != null) {
                    options.add("-D" + setting + "=" + value);
                }
            }
            // What is relative is so to the directory of this process, and the worker may get another one.
            String home = setting("loader.home", runtime);
            options.add("-Dloader.home="
                    + Path.of(home == null ? "" : home).toAbsolutePath().normalize());
        } else {
            // A loader.properties that happens to lie in the working directory is not for this launcher.
            options.add("-Dloader.config.name=processpool-none");
            if (war) {
                options.add("-Dloader.path=" + warPath());
            }
        }
        options.add("-Dloader.main=" + mainClass);
        options.add("-cp");
        options.add(String.join(File.pathSeparator, classPath));
        return new Packaging(war ? Packaging.Kind.BOOT_WAR : Packaging.Kind.BOOT_JAR, options, launcher);
    }

    /** Within a packed archive, paths are relative to it; in a directory they would be so to the working directory. */
    private String warPath() {
        if (!Files.isDirectory(path)) {
            return String.join(",", WAR_PATHS);
        }
        return String.join(
                ",",
                WAR_PATHS.stream().map(part -> path.resolve(part).toString()).toList());
    }

    /** Reads a setting as the launcher does; its environment variables are not inherited by workers. */
    private static @Nullable String setting(String name, ParentRuntime runtime) {
        String value = runtime.property().apply(name);
        return value != null
                ? value
                : runtime.variable().apply(name.replace('.', '_').toUpperCase(Locale.ROOT));
    }
}
