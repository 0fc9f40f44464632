package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.ClassPathMode;
import io.processpool.WorkerStartException;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassPathResolverTests {

    private static final String MAIN = "com.example.Main";
    private static final String LAUNCHER = "org.springframework.boot.loader.launch.PropertiesLauncher";
    private static final String LAUNCHER_CLASS = LAUNCHER.replace('.', '/') + ".class";
    private static final String LIBRARY = ClassPathResolver.class.getName().replace('.', '/') + ".class";

    @TempDir
    Path temp;

    private final Map<String, String> properties = new HashMap<>();
    private final Map<String, String> variables = new HashMap<>();
    private final ClassLoader system = ClassLoader.getSystemClassLoader();
    private ClassLoader libraryLoader = system;
    private ClassLoader contextLoader;
    private Path library;
    private List<String> explicit = List.of();
    private Unpacker unpacker = unpacker(ClassPathMode.LAUNCHER);

    @BeforeEach
    void setUp() throws IOException {
        library = jar("pool-core.jar", Map.of(), LIBRARY);
    }

    private Unpacker unpacker(ClassPathMode mode) {
        return new Unpacker("test", mode, Duration.ofSeconds(20), new Extractions(() -> List.of(temp)));
    }

    private Packaging resolve() {
        ParentRuntime runtime =
                new ParentRuntime(properties::get, variables::get, libraryLoader, contextLoader, system, library);
        return new ClassPathResolver(explicit, runtime, unpacker).resolve(MAIN);
    }

    private Path jar(String name, Map<String, String> attributes, String... entries) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.forEach((key, value) -> manifest.getMainAttributes().putValue(key, value));
        Path file = temp.resolve(name);
        Files.createDirectories(file.getParent());
        try (OutputStream out = Files.newOutputStream(file);
                JarOutputStream jar = new JarOutputStream(out, manifest)) {
            for (String entry : entries) {
                jar.putNextEntry(new ZipEntry(entry));
                jar.closeEntry();
            }
        }
        return file;
    }

    private Path exploded(String name, String manifest) throws IOException {
        Path directory = temp.resolve(name);
        write(directory.resolve("META-INF/MANIFEST.MF"), "Manifest-Version: 1.0\n" + manifest);
        write(directory.resolve(LAUNCHER_CLASS), "");
        return directory;
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static String path(Object... entries) {
        return String.join(
                File.pathSeparator,
                List.of(entries).stream().map(Object::toString).toList());
    }

    @Test
    void resolve_plainClassPath_isTheSame() throws IOException {
        Path classes = Files.createDirectory(temp.resolve("classes"));
        properties.put("java.class.path", path(classes, library));

        assertThat(resolve())
                .isEqualTo(new Packaging(Packaging.Kind.CLASS_PATH, List.of("-cp", path(classes, library)), MAIN));
    }

    @Test
    void resolve_missingAndDoubleEntries_areDropped() {
        properties.put("java.class.path", path(library, temp.resolve("missing"), library));

        assertThat(resolve().options()).containsExactly("-cp", library.toString());
    }

    @Test
    void resolve_relativeAndEmptyEntries_becomeAbsolute() {
        properties.put("java.class.path", "" + File.pathSeparator + "." + File.pathSeparator + library);

        assertThat(resolve().options()).containsExactly("-cp", path(Path.of("").toAbsolutePath(), library));
    }

    @Test
    void resolve_wildcard_isKept() {
        properties.put("java.class.path", temp + "/*");

        assertThat(resolve().options()).containsExactly("-cp", temp + File.separator + "*");
    }

    @Test
    void resolve_explicit_wins() throws IOException {
        properties.put("java.class.path", path(temp));
        Path other = Files.createDirectory(temp.resolve("other"));
        explicit = List.of(other.toString(), library.toString());

        assertThat(resolve().options()).containsExactly("-cp", path(other, library));
    }

    /** As from {@code classPath(List.of(System.getProperty("java.class.path")))}. */
    @Test
    void resolve_explicitInOnePiece_isTakenApart() throws IOException {
        Path other = Files.createDirectory(temp.resolve("other"));
        explicit = List.of(path(other, library));

        assertThat(resolve().options()).containsExactly("-cp", path(other, library));
    }

    @Test
    void resolve_libraryInAManifestClassPath_isFound() throws IOException {
        Path booter = jar("surefire/booter.jar", Map.of("Class-Path", "../pool-core.jar ../classes/"));
        properties.put("java.class.path", booter.toString());

        assertThat(resolve().options()).containsExactly("-cp", booter.toString());
    }

    @Test
    void resolve_libraryElsewhere_saysWhatToDo() throws IOException {
        Path other = Files.createDirectory(temp.resolve("other"));
        explicit = List.of(other.toString());

        assertThatThrownBy(this::resolve)
                .isInstanceOf(WorkerStartException.class)
                .hasMessageContaining("Set classPath")
                .hasMessageContaining("entries=1, first=" + other)
                .hasMessageContaining("library=" + library);
    }

    @Test
    void resolve_libraryUnderAnotherName_isFound() throws IOException {
        Path shaded = jar("app-all.jar", Map.of(), LIBRARY);
        library = null;
        explicit = List.of(shaded.toString());

        assertThat(resolve().kind()).isEqualTo(Packaging.Kind.CLASS_PATH);
    }

    @Test
    void resolve_modulePath_isAppended() throws IOException {
        Path modules = Files.createDirectory(temp.resolve("modules"));
        Path exploded = modules.resolve("com.example");
        write(exploded.resolve("module-info.class"), "");
        Path target = temp.resolve("target");
        write(target.resolve("module-info.class"), "");
        properties.put("java.class.path", "");
        properties.put("jdk.module.main", "com.example");
        properties.put("jdk.module.path", path(modules, target, library));

        assertThat(resolve().options())
                .containsExactly("-cp", path(modules + File.separator + "*", exploded, target, library));
    }

    @Test
    void resolve_runJar_keepsWhatItsManifestOpens() throws IOException {
        Path app = jar(
                "app.jar",
                Map.of("Add-Opens", "java.base/java.lang java.base/java.util", "Add-Exports", "java.base/sun.nio.ch"),
                LIBRARY);
        library = app;
        properties.put("java.class.path", app.toString());

        assertThat(resolve().options())
                .containsExactly(
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "--add-opens=java.base/java.util=ALL-UNNAMED",
                        "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-cp",
                        app.toString());
    }

    @Test
    void resolve_applicationServer_collectsItsLoaders() throws Exception {
        Path common = jar("server/lib/common.jar", Map.of());
        Path app = jar("webapp/WEB-INF/lib/app one.jar", Map.of());
        Path bootstrap = jar("server/bootstrap.jar", Map.of());
        properties.put("java.class.path", bootstrap.toString());
        try (URLClassLoader shared =
                        new URLClassLoader(new URL[] {common.toUri().toURL()}, system);
                URLClassLoader webapp = new URLClassLoader(
                        new URL[] {app.toUri().toURL(), library.toUri().toURL(), new URL("http://localhost/remote.jar")
                        },
                        shared)) {
            libraryLoader = webapp;
            contextLoader = webapp;

            assertThat(resolve().options()).containsExactly("-cp", path(app, library, common, bootstrap));
        }
    }

    @Test
    void resolve_libraryInTheServerItself_usesTheContextLoader() throws Exception {
        Path app = jar("webapp/app.jar", Map.of());
        properties.put("java.class.path", "");
        properties.put("jdk.module.main", "server");
        try (URLClassLoader shared =
                        new URLClassLoader(new URL[] {library.toUri().toURL()}, system);
                URLClassLoader webapp =
                        new URLClassLoader(new URL[] {app.toUri().toURL()}, shared)) {
            libraryLoader = shared;
            contextLoader = webapp;

            assertThat(resolve().options()).containsExactly("-cp", path(app, library));
        }
    }

    @Test
    void resolve_unknownLoader_addsTheLibrary() {
        libraryLoader = new ClassLoader(system) {};
        properties.put("java.class.path", temp.toString());

        assertThat(resolve().options()).containsExactly("-cp", path(library, temp));
    }

    @Test
    void resolve_bootJar_usesItsLauncher() throws IOException {
        runsInside(jar("app.jar", Map.of("Spring-Boot-Classes", "BOOT-INF/classes/"), LAUNCHER_CLASS));

        Packaging packaging = resolve();

        assertThat(packaging.kind()).isEqualTo(Packaging.Kind.BOOT_JAR);
        assertThat(packaging.mainClass()).isEqualTo(LAUNCHER);
        assertThat(packaging.options())
                .containsExactly(
                        "-Dloader.config.name=processpool-none",
                        "-Dloader.main=" + MAIN,
                        "-cp",
                        temp.resolve("app.jar").toString());
    }

    /** The library is in a jar within the archive, so it was loaded by the archive's launcher. */
    private void runsInside(Path archive) {
        properties.put("java.class.path", archive.toString());
        libraryLoader = new ClassLoader(system) {};
        library = null;
    }

    @Test
    void resolve_bootWar_tellsTheLauncherWhereToLook() throws IOException {
        runsInside(jar("app.war", Map.of("Spring-Boot-Classes", "WEB-INF/classes/"), LAUNCHER_CLASS));

        assertThat(resolve().kind()).isEqualTo(Packaging.Kind.BOOT_WAR);
        assertThat(resolve().options()).contains("-Dloader.path=WEB-INF/classes,WEB-INF/lib,WEB-INF/lib-provided");
    }

    @Test
    void resolve_explodedBootWar_tellsTheLauncherWhereToLook() throws IOException {
        Path war = exploded("war", "Spring-Boot-Classes: WEB-INF/classes/\n");
        runsInside(war);

        assertThat(resolve().options())
                .contains("-Dloader.path=" + war + "/WEB-INF/classes," + war + "/WEB-INF/lib," + war
                        + "/WEB-INF/lib-provided");
    }

    @Test
    void resolve_explodedBootJar_usesItsLauncher() throws IOException {
        Path directory = exploded("app", "Spring-Boot-Classes: BOOT-INF/classes/\n");
        runsInside(directory);

        assertThat(resolve().mainClass()).isEqualTo(LAUNCHER);
        assertThat(resolve().options()).endsWith("-cp", directory.toString());
    }

    @Test
    void resolve_bootJarOfAnEarlierGeneration_usesItsLauncher() throws IOException {
        String launcher = "org.springframework.boot.loader.PropertiesLauncher";
        runsInside(jar(
                "app.jar", Map.of("Spring-Boot-Classes", "BOOT-INF/classes/"), launcher.replace('.', '/') + ".class"));

        assertThat(resolve().mainClass()).isEqualTo(launcher);
    }

    @Test
    void resolve_bootJarWithSettings_passesThemOn() throws IOException {
        runsInside(jar(
                "app.jar", Map.of("Spring-Boot-Classes", "BOOT-INF/classes/", "Main-Class", LAUNCHER), LAUNCHER_CLASS));
        properties.put("loader.path", "/ext");
        properties.put("loader.main", "hostile.Main");
        variables.put("LOADER_CONFIG_NAME", "mine");
        variables.put("LOADER_ARGS", "hostile");

        assertThat(resolve().options())
                .containsExactly(
                        "-Dloader.path=/ext",
                        "-Dloader.config.name=mine",
                        "-Dloader.home=" + Path.of("").toAbsolutePath(),
                        "-Dloader.main=" + MAIN,
                        "-cp",
                        temp.resolve("app.jar").toString());
    }

    @Test
    void resolve_explicitBootJar_usesItsLauncher() throws IOException {
        Path app = jar("app.jar", Map.of("Spring-Boot-Classes", "BOOT-INF/classes/"), LAUNCHER_CLASS);
        explicit = List.of(app.toString());

        assertThat(resolve().mainClass()).isEqualTo(LAUNCHER);
    }

    @Test
    void resolve_bootJarAmongOtherJars_isPlain() throws IOException {
        Path app = jar("app.jar", Map.of("Spring-Boot-Classes", "BOOT-INF/classes/"), LAUNCHER_CLASS);
        properties.put("java.class.path", path(app, library));

        assertThat(resolve().mainClass()).isEqualTo(MAIN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Spring-Boot-Version", "Main-Class"})
    void resolve_extractedBootJar_isPlain(String attribute) throws IOException {
        Path app = jar("app/app.jar", Map.of("Class-Path", "../pool-core.jar", attribute, "x"));
        properties.put("java.class.path", app.toString());

        assertThat(resolve()).isEqualTo(new Packaging(Packaging.Kind.CLASS_PATH, List.of("-cp", app.toString()), MAIN));
    }

    /** What the launcher's parent would find first comes first. */
    @Test
    void resolve_bootJarToBeExtracted_isAClassPathAfterTheArchive() throws IOException {
        Path app = BootArchiveFixture.jar()
                .manifest("Add-Opens: java.base/java.lang")
                .classes("Main.class", "")
                .library("lib/some.jar")
                .write(temp.resolve("app.jar"))
                .path();
        runsInside(app);
        unpacker = unpacker(ClassPathMode.EXTRACTED);

        Packaging packaging = resolve();

        Path directory = unpacker.directory();
        assertThat(packaging)
                .isEqualTo(new Packaging(
                        Packaging.Kind.UNPACKED,
                        List.of(
                                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                                "-cp",
                                path(app, directory.resolve("classes/app.jar"), directory.resolve("1/some.jar"))),
                        MAIN));
        unpacker.close();
    }

    @Test
    void resolve_explicitBootJarAndMore_keepsAllBeforeWhatIsExtracted() throws IOException {
        Path app = BootArchiveFixture.jar()
                .library("lib/some.jar")
                .write(temp.resolve("app.jar"))
                .path();
        explicit = List.of(app.toString(), library.toString());
        unpacker = unpacker(ClassPathMode.AUTO);

        assertThat(resolve().options())
                .containsExactly("-cp", path(app, library, unpacker.directory().resolve("1/some.jar")));
        unpacker.close();
    }

    @Test
    void resolve_explodedBootJarToBeExtracted_isItsDirectories() throws IOException {
        Path app = BootArchiveFixture.jar()
                .library("lib/some.jar")
                .explode(temp.resolve("app"))
                .path();
        runsInside(app);
        unpacker = unpacker(ClassPathMode.AUTO);

        assertThat(resolve().options())
                .containsExactly(
                        "-cp", path(app, app.resolve("BOOT-INF/classes"), app.resolve("BOOT-INF/lib/some.jar")));
        assertThat(unpacker.directory()).isNull();
    }

    @Test
    void resolve_plainClassPathToBeExtracted_isTheSame() {
        properties.put("java.class.path", library.toString());
        unpacker = unpacker(ClassPathMode.EXTRACTED);

        assertThat(resolve().kind()).isEqualTo(Packaging.Kind.CLASS_PATH);
        assertThat(unpacker.directory()).isNull();
    }
}
