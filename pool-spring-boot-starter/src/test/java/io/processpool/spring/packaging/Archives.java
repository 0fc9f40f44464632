package io.processpool.spring.packaging;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.boot.loader.tools.Library;
import org.springframework.boot.loader.tools.LibraryScope;
import org.springframework.boot.loader.tools.Repackager;

/**
 * Packs an application out of classes of the tests, with what Boot's Maven plugin packs with. The libraries come from
 * this JVM's class path.
 */
final class Archives {

    /** What the starter brings; what a test needs besides is not for an application. */
    private static final String BASE = "pool-core|pool-spring-boot-starter|spring-(core|beans|context|aop|expression)"
            + "|spring-boot(-autoconfigure)?|micrometer-(commons|observation)|logback-(core|classic)|slf4j-api"
            + "|log4j-(api|to-slf4j)|jul-to-slf4j|jakarta.annotation-api|snakeyaml|jspecify|commons-logging";

    /** The libraries of an application without web. */
    static final String PLAIN = "(" + BASE + ")-[0-9].*\\.jar";

    /** The libraries of an application with its own web server. */
    static final String WEB = "(" + BASE + "|spring-web(mvc)?|tomcat-embed-(core|el)"
            + "|spring-boot-(servlet|tomcat|web-server|webmvc|http-converter))-[0-9].*\\.jar";

    private static final Predicate<String> SERVER =
            Pattern.compile("(tomcat-embed|spring-boot-tomcat)-.*").asMatchPredicate();

    private final Path directory;
    private final Path classes;
    private final String mainClass;
    private final List<Path> libraries = new ArrayList<>();

    /**
     * Prepares to pack.
     *
     * @param directory where everything is written
     * @param classes the classes and resources of the application
     * @param mainClass its main class
     * @param libraries pattern of the names of the jars that it has, of those of this JVM
     */
    Archives(Path directory, Path classes, String mainClass, String libraries) throws IOException {
        this.directory = directory;
        this.classes = classes;
        this.mainClass = mainClass;
        addLibraries(Files.createDirectories(directory.resolve("packed")), libraries);
    }

    /** Prepares to pack {@code example.shop}, its classes in a directory of their own. */
    static Archives ofShop(Path directory) throws IOException {
        Path classes = Files.createDirectories(directory.resolve("classes"));
        Path tests = Path.of("target", "test-classes").toAbsolutePath();
        copy(tests.resolve("example/shop"), classes.resolve("example/shop"));
        Files.move(classes.resolve("example/shop/application.yml"), classes.resolve("application.yml"));
        Archives archives = new Archives(directory, classes, "example.shop.ShopApplication", WEB);
        Path library = directory.resolve("packed/library-0.jar");
        pack(tests.resolve("example/library"), "example/library/", library);
        archives.libraries.add(library);
        return archives;
    }

    /** Copies a directory with all that is in it. */
    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    /** Returns the jars of this JVM with such a name. */
    static List<Path> jars(String regex) {
        Predicate<String> name = Pattern.compile(regex).asMatchPredicate();
        return classPath().filter(entry -> name.test(fileName(entry))).toList();
    }

    private static Stream<Path> classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator)))
                .map(Path::of);
    }

    private static String fileName(Path path) {
        return path.getFileName().toString();
    }

    /** A module of this build is a directory in an IDE, and it is packed then. */
    private void addLibraries(Path packed, String regex) throws IOException {
        Predicate<String> wanted = Pattern.compile(regex).asMatchPredicate();
        for (Path entry : (Iterable<Path>) classPath()::iterator) {
            if (wanted.test(fileName(entry))) {
                libraries.add(entry);
            } else if (entry.endsWith(Path.of("target", "classes"))) {
                Path jar = packed.resolve(fileName(entry.getParent().getParent()) + "-0.jar");
                pack(entry, "", jar);
                libraries.add(jar);
            }
        }
    }

    private static void pack(Path classes, String prefix, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream packed = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                if (Files.isRegularFile(file)) {
                    packed.putNextEntry(new JarEntry(prefix + classes.relativize(file)));
                    Files.copy(file, packed);
                    packed.closeEntry();
                }
            }
        }
    }

    /** Takes libraries of such names away again. */
    void remove(String regex) {
        Predicate<String> unwanted = Pattern.compile(regex).asMatchPredicate();
        libraries.removeIf(library -> unwanted.test(fileName(library)));
    }

    /** Returns the classes, for those who take them as they are. */
    Path classes() {
        return classes;
    }

    /** Returns a class path as {@code spring-boot:run} and IDEs make it: a directory of classes, and jars. */
    String classPathWith(List<Path> more) {
        return Stream.of(Stream.of(classes), libraries.stream(), more.stream())
                .flatMap(entries -> entries)
                .map(Path::toString)
                .reduce((left, right) -> left + File.pathSeparator + right)
                .orElseThrow();
    }

    /** Packs an executable jar. */
    Path jar() throws IOException {
        return repackage("", "jar");
    }

    /** Packs an executable WAR, with the server where other servers do not look. */
    Path war() throws IOException {
        return repackage("WEB-INF/classes/", "war");
    }

    private Path repackage(String prefix, String extension) throws IOException {
        Path plain = directory.resolve("plain." + extension);
        Path executable = directory.resolve("application." + extension);
        pack(classes, prefix, plain);
        Repackager repackager = new Repackager(plain.toFile());
        repackager.setMainClass(mainClass);
        repackager.repackage(
                executable.toFile(),
                callback -> libraries.forEach(library -> {
                    boolean provided = SERVER.test(fileName(library));
                    try {
                        callback.library(
                                new Library(library.toFile(), provided ? LibraryScope.PROVIDED : LibraryScope.COMPILE));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }));
        return executable;
    }
}
