package io.processpool.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the documentation shows of Spring compiles, and what it lists is what there is. Blocks of {@code java spring} are a
 * type, or else members of one. {@code FreshProjectIT} runs the project of the README.
 */
class SpringDocumentationTests {

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final String PAGE = "docs/spring-boot.md";

    private static final Pattern SAMPLE = Pattern.compile("(?ms)^```java spring\\n(.*?)^```$");
    private static final Pattern FILE = Pattern.compile("(?ms)^<!-- file: (\\S+) -->\\n```\\w+[^\\n]*\\n(.*?)^```$");
    private static final Pattern TYPE = Pattern.compile("(?m)^(?:public )?class (\\w+)");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([\\w.<>-]+)` \\|.*$");

    private static final String IMPORTS = """
            import io.processpool.*;
            import io.processpool.spring.*;
            import io.processpool.spring.test.*;
            import java.time.Duration;
            import org.springframework.beans.factory.ObjectProvider;
            import org.springframework.boot.test.context.SpringBootTest;
            import org.springframework.context.annotation.Bean;
            """;

    @TempDir
    Path directory;

    private static String read(String page) {
        try {
            return Files.readString(ROOT.resolve(page));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", PAGE})
    void samples_compile(String page) throws IOException {
        List<Path> files = new ArrayList<>();
        Matcher sample = SAMPLE.matcher(read(page));
        while (sample.find()) {
            String block = sample.group(1);
            Matcher type = TYPE.matcher(block);
            boolean isType = type.find();
            String name = isType ? type.group(1) : "Sample" + files.size();
            String source = isType ? block : "class " + name + " {\n" + block + "}\n";
            Path folder = Files.createDirectory(directory.resolve("" + files.size()));
            files.add(Files.writeString(
                    folder.resolve(name + ".java"), block.startsWith("package ") ? source : IMPORTS + source));
        }

        assertThat(files).isNotEmpty();
        assertThat(compile(files)).isEmpty();
    }

    private String compile(List<Path> files) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        try (StandardJavaFileManager manager =
                compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
            List<String> options =
                    List.of("-proc:none", "-d", directory.toString(), "-cp", System.getProperty("java.class.path"));
            boolean done = compiler.getTask(
                            complaints, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
                    .call();
            return done ? "" : complaints.toString();
        }
    }

    @Test
    void freshProject_ofTheReadme_isTheOneThatIsTested() throws IOException {
        Path tested = Path.of("src", "test", "resources", "fresh-project");
        Matcher file = FILE.matcher(read("README.md"));
        Set<String> shown = new TreeSet<>();
        while (file.find()) {
            shown.add(file.group(1));
            assertThat(file.group(2)).as(file.group(1)).isEqualTo(Files.readString(tested.resolve(file.group(1))));
        }

        try (Stream<Path> files = Files.walk(tested)) {
            assertThat(shown)
                    .containsExactlyInAnyOrderElementsOf(files.filter(Files::isRegularFile)
                            .map(path -> tested.relativize(path).toString())
                            .toList());
        }
    }

    @Test
    void properties_tablesListExactlyThoseThereAre() throws IOException {
        String page = read(PAGE);
        String tables = page.substring(page.indexOf("\n## Settings"), page.indexOf("\n## Actuator"));
        Set<String> listed =
                ROW.matcher(tables).results().map(row -> row.group(1)).collect(Collectors.toSet());

        assertThat(listed).isEqualTo(properties());
    }

    private static Set<String> properties() throws IOException {
        String metadata = Files.readString(
                Path.of("target", "classes", "META-INF", "spring-configuration-metadata.json"), StandardCharsets.UTF_8);
        Set<String> names = Pattern.compile(
                        "\"name\": \"processpool\\.([\\w.-]+)\",\\s+\"type\": \"(?!io.processpool.spring.ProcessPoolProperties|.*\\$)")
                .matcher(metadata)
                .results()
                .map(property -> property.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        names.remove("lifecycle");
        if (names.remove("pools")) {
            names.add("pools.<name>");
        }
        return names;
    }
}
