package io.processpool.internal.process;

import io.processpool.WorkerStartException;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides how workers get their classes: as the settings say, or else as this JVM got its own.
 *
 * <table>
 * <caption>How this JVM runs, and what a worker gets</caption>
 * <tr><th>This JVM</th><th>Recognised by</th><th>Worker</th></tr>
 * <tr><td>executable Boot jar or WAR, packed or exploded</td><td>{@link BootArchive} on the class path, and this
 * library inside of it</td><td>the same class path, and what the archive holds, unpacked; or Boot's launcher</td></tr>
 * <tr><td>plain class path, manifest-only jar, extracted Boot jar</td><td>this library comes from the system
 * loader</td><td>the same class path</td></tr>
 * <tr><td>module path</td><td>{@code jdk.module.path}</td><td>its modules at the end of the class path</td></tr>
 * <tr><td>application server, plug-in host</td><td>this library comes from another loader</td><td>the files of that
 * loader, of the context class loader and of their parents, then the class path</td></tr>
 * </table>
 */
final class ClassPathResolver {

    /** What a worker must find. */
    static final String LIBRARY = ClassPathResolver.class.getName().replace('.', '/') + ".class";

    private final List<String> explicit;
    private final ParentRuntime runtime;
    private final Unpacker unpacker;

    /**
     * Makes a resolver.
     *
     * @param explicit the class path entries of the settings, empty for none
     * @param runtime how this JVM got its classes
     * @param unpacker what may unpack an executable archive
     */
    ClassPathResolver(List<String> explicit, ParentRuntime runtime, Unpacker unpacker) {
        this.explicit = explicit;
        this.runtime = runtime;
        this.unpacker = unpacker;
    }

    /**
     * Returns how to launch a main class.
     *
     * @throws WorkerStartException if the worker would not find this library
     */
    Packaging resolve(String mainClass) {
        ClassPathEntries entries = entries();
        BootArchive archive = bootArchive(entries.toList());
        Packaging packaging;
        if (archive != null) {
            List<Path> unpacked = unpacker.unpack(archive);
            packaging = unpacked == null
                    ? archive.packaging(entries.toList(), mainClass, runtime)
                    : unpacked(entries.toList(), unpacked, mainClass);
        } else {
            requireLibrary(entries);
            packaging = new Packaging(
                    Packaging.Kind.CLASS_PATH,
                    List.of("-cp", String.join(File.pathSeparator, entries.toList())),
                    mainClass);
        }
        return packaging.with(runJarOptions());
    }

    /**
     * Boot's launcher asks the system class loader first, which has the class path with the archive in it; so these come
     * first here as well. The archive has what belongs to no package, such as {@code META-INF/persistence.xml}.
     */
    private static Packaging unpacked(List<String> entries, List<Path> unpacked, String mainClass) {
        List<String> all = new ArrayList<>(entries);
        unpacked.forEach(path -> all.add(path.toString()));
        return new Packaging(Packaging.Kind.UNPACKED, List.of("-cp", String.join(File.pathSeparator, all)), mainClass);
    }

    /** With {@code java -jar}, the class path is that jar alone. */
    private List<String> runJarOptions() {
        String classPath = runtime.property().apply("java.class.path");
        if (!explicit.isEmpty() || classPath == null || classPath.contains(File.pathSeparator)) {
            return List.of();
        }
        ClassPathEntries jar = new ClassPathEntries();
        jar.addClassPath(classPath);
        return jar.toList().isEmpty()
                ? List.of()
                : ManifestOptions.of(Path.of(jar.toList().get(0)));
    }

    private ClassPathEntries entries() {
        ClassPathEntries entries = new ClassPathEntries();
        if (!explicit.isEmpty()) {
            explicit.forEach(entries::addClassPath);
            return entries;
        }
        String modulePath = runtime.property().apply("jdk.module.path");
        String classPath = runtime.property().apply("java.class.path");
        ClassPathEntries own = new ClassPathEntries();
        // With a main module, no class path is none; otherwise it is the working directory.
        if (classPath != null && !(classPath.isEmpty() && runtime.property().apply("jdk.module.main") != null)) {
            own.addClassPath(classPath);
        }
        if (isForeign() && bootArchive(own.toList()) == null) {
            entries.addLoaders(runtime.contextLoader(), runtime.systemLoader());
            entries.addLoaders(runtime.libraryLoader(), runtime.systemLoader());
            entries.add(runtime.library());
        }
        own.toList().forEach(entries::add);
        if (modulePath != null) {
            entries.addModulePath(modulePath);
        }
        return entries;
    }

    /** Returns whether this library was not loaded from the class path. */
    private boolean isForeign() {
        return !runtime.systemLoader().equals(runtime.libraryLoader());
    }

    /** A Boot archive that is on the class path like any jar, so that its launcher did not run, does not count. */
    private @Nullable BootArchive bootArchive(List<String> entries) {
        if (entries.isEmpty() || (explicit.isEmpty() && !isForeign())) {
            return null;
        }
        Path first = Path.of(entries.get(0));
        return Files.exists(first) ? BootArchive.at(first) : null;
    }

    private void requireLibrary(ClassPathEntries entries) {
        Path library = runtime.library();
        if (entries.hasLibrary(library)) {
            return;
        }
        List<String> found = entries.toList();
        throw new WorkerStartException(
                "Workers would not find the ProcessPool library: it is not in the class path that they would get."
                        + " Set classPath to all that tasks need, this library included"
                        + " (source=" + (explicit.isEmpty() ? "java.class.path" : "classPath") + ", entries="
                        + found.size() + ", first=" + (found.isEmpty() ? "none" : found.get(0)) + ", library="
                        + (library == null ? "unknown" : library) + ")",
                null);
    }
}
