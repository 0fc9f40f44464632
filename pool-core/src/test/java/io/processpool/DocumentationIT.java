package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.DocumentationSamples.Sample;
import io.processpool.testing.LeavesNothingBehind;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documentation shows compiles and runs; what it lists is what there is. */
@ExtendWith(LeavesNothingBehind.class)
class DocumentationIT {

    private static final Path ROOT = root();
    private static final Path README = ROOT.resolve("README.md");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]*)(#[^)]+)?\\)");

    @TempDir
    Path directory;

    static Path root() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.exists(at.resolve("docs")) || !Files.exists(at.resolve("README.md"))) {
            at = at.getParent();
        }
        return at;
    }

    static List<Path> pages() {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of(README),
                            docs.filter(page -> page.toString().endsWith(".md")).sorted())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void samples_compileRunAndFailAsThePageSays(Path page) throws Exception {
        DocumentationSamples found = DocumentationSamples.of(page);
        long blocks = DocumentationSamples.read(page).stream()
                .filter(line -> line.equals("```java"))
                .count();
        assertThat(found.samples()).as("Java blocks of %s", page).hasSize((int) blocks);
        assertThat(found.compile(directory)).as("complaints of the compiler").isEmpty();

        List<Sample> run = found.samples().stream().filter(Sample::runs).toList();
        Map<String, String[]> outcomes =
                run(run.stream().map(Sample::name).collect(Collectors.toCollection(ArrayList::new)));

        SoftAssertions softly = new SoftAssertions();
        for (Sample sample : run) {
            check(sample, outcomes.getOrDefault(sample.name(), new String[] {sample.name(), "did not run"}), softly);
        }
        softly.assertAll();
    }

    private static void check(Sample sample, String[] outcome, SoftAssertions softly) {
        softly.assertThat(outcome[1])
                .as("what %s throws: %s", sample.where(), String.join(" ", outcome))
                .isEqualTo(sample.thrown() == null ? "" : sample.thrown());
        String expected = sample.message();
        if (expected != null && outcome.length > 2) {
            softly.assertThat(outcome[2])
                    .as("message of %s", sample.where())
                    .matches(actual -> DocumentationSamples.matches(expected, actual), "like " + expected);
        }
    }

    /** Runs samples in a JVM of their own; returns for each its name, what it threw, and the message of that. */
    private Map<String, String[]> run(List<String> names) throws Exception {
        Path report = Files.createFile(directory.resolve("report"));
        Path output = directory.resolve("output");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-cp",
                directory + File.pathSeparator + System.getProperty("java.class.path"),
                DocumentationRunner.class.getName(),
                report.toString()));
        command.addAll(names);
        Process jvm = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(jvm.waitFor(100, TimeUnit.SECONDS)).as("samples end").isTrue();
        } finally {
            jvm.destroyForcibly().waitFor();
        }
        assertThat(jvm.exitValue()).as("%s", Files.readString(output)).isZero();
        Map<String, String[]> outcomes = new HashMap<>();
        for (String line : Files.readAllLines(report)) {
            String[] outcome = line.split("\t", -1);
            outcomes.put(outcome[0], outcome);
        }
        return outcomes;
    }

    @Test
    void settings_tableListsExactlyTheMethodsOfTheBuilder() {
        assertThat(firstColumn("ProcessPool.Builder"))
                .containsExactlyInAnyOrderElementsOf(methods(
                        ProcessPool.Builder.class, method -> !method.getName().equals("build")));
    }

    @Test
    void options_tablesListExactlyWhatCanBeSet() {
        for (Class<?> options : List.of(TaskOptions.class, MapOptions.class)) {
            assertThat(firstColumn(options.getSimpleName()))
                    .as("%s", options)
                    .containsExactlyInAnyOrderElementsOf(methods(
                            options, method -> method.getReturnType() == options && method.getParameterCount() == 1));
        }
    }

    @Test
    void comparisonWithPython_mentionsEveryMethodOfThePool() {
        Set<String> mentioned = new TreeSet<>();
        for (String row : table("ProcessPool")) {
            Matcher name = Pattern.compile("\\w+").matcher(row.substring(row.indexOf('|', 1)));
            while (name.find()) {
                mentioned.add(name.group());
            }
        }

        assertThat(mentioned).containsAll(methods(ProcessPool.class, method -> true));
    }

    private static Set<String> methods(Class<?> type, Predicate<Method> which) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method -> !method.isSynthetic())
                .filter(which)
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Returns the code in the first column of a table of the README. */
    private static List<String> firstColumn(String table) {
        List<String> names = new ArrayList<>();
        for (String row : table(table)) {
            Matcher name = CODE.matcher(row.split("\\|", -1)[1]);
            if (name.find()) {
                names.add(name.group(1));
            }
        }
        return names;
    }

    /** Returns the rows of the table that follows a marker. */
    private static List<String> table(String name) {
        List<String> lines = DocumentationSamples.read(README);
        int marker = lines.indexOf("<!-- table: " + name + " -->");
        assertThat(marker).as("marker of table %s", name).isNotNegative();
        return lines.stream()
                .skip(marker + 1)
                .takeWhile(line -> line.startsWith("|"))
                .toList();
    }

    @Test
    void troubleshooting_hasAChapterForEveryException() throws Exception {
        List<String> lines = DocumentationSamples.read(ROOT.resolve("docs/troubleshooting.md"));

        assertThat(exceptions())
                .isNotEmpty()
                .allSatisfy(exception -> assertThat(lines).contains("## " + exception));
    }

    private static List<String> exceptions() throws IOException {
        Path classes = Path.of("target", "classes", "io", "processpool");
        try (Stream<Path> files = Files.list(classes)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Exception.class"))
                    .map(name -> name.substring(0, name.length() - ".class".length()))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void links_leadSomewhere(Path page) {
        for (String line : DocumentationSamples.read(page)) {
            Matcher link = LINK.matcher(line);
            while (link.find()) {
                if (!link.group(1).contains(":")) {
                    assertLeadsSomewhere(page, link.group(1), link.group(2));
                }
            }
        }
    }

    private static void assertLeadsSomewhere(Path page, String file, String anchor) {
        Path target = file.isEmpty() ? page : page.resolveSibling(file);
        assertThat(target).as("link in %s", page.getFileName()).exists();
        if (anchor != null) {
            assertThat(anchors(target))
                    .as("headings of %s", target.getFileName())
                    .contains(anchor.substring(1));
        }
    }

    /** Returns the names under which the headings of a page can be linked to. */
    private static List<String> anchors(Path page) {
        return DocumentationSamples.read(page).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                        .replace(' ', '-'))
                .toList();
    }
}
