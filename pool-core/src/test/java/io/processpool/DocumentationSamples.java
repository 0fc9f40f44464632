package io.processpool;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * The Java samples of one page of the documentation, as sources that can be compiled.
 *
 * <p>The convention, for whoever writes documentation:
 *
 * <ul>
 *   <li>A block that begins with a class, record, interface or enum, or imports before it, is a source file; all samples of the page may use it. If
 *       it has a {@code main}, that is run.
 *   <li>Any other block is a sequence of statements, with a variable {@code pool}: a running pool named {@code docs}.
 *   <li>{@code <!-- not run: reason -->} on the line before a block: it is only compiled.
 *   <li>{@code <!-- throws: TaskFailedException -->}: it must throw that, bare or as the cause of an
 *       {@code ExecutionException}. A block of {@code text} that follows is the message: {@code …} stands for anything,
 *       numbers for any other numbers.
 *   <li>What {@link #IMPORTS} lists need not be imported.
 * </ul>
 */
final class DocumentationSamples {

    private static final String IMPORTS = """
            import io.processpool.*;
            import io.processpool.fory.*;
            import java.io.*;
            import java.nio.file.*;
            import java.time.Duration;
            import java.util.*;
            import java.util.concurrent.*;
            import java.util.stream.*;
            """;

    private static final Pattern TYPE = Pattern.compile(
            "\\A(?:import .+\\n|\\s)*(?:(?:public|final|abstract|sealed) )*(?:class|record|interface|enum) (\\w+)");

    private static final Pattern DIRECTIVE = Pattern.compile("<!-- (not run|throws): (.+?) -->");

    /**
     * A sample.
     *
     * @param where page and line
     * @param name the name of the class that it is, or is wrapped in
     * @param source the source file
     * @param runs whether there is something to run
     * @param thrown the simple name of the exception that it throws, or null
     * @param message the message of that exception, or null if the page does not tell
     */
    record Sample(
            String where,
            String name,
            String source,
            boolean runs,
            @Nullable String thrown,
            @Nullable String message) {}

    private final Path page;
    private final List<Sample> samples = new ArrayList<>();

    private DocumentationSamples(Path page) {
        this.page = page;
    }

    /** Finds the samples of a page. */
    static DocumentationSamples of(Path page) {
        DocumentationSamples found = new DocumentationSamples(page);
        found.scan(read(page));
        return found;
    }

    static List<String> read(Path page) {
        try {
            return Files.readAllLines(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Sample> samples() {
        return samples;
    }

    private void scan(List<String> lines) {
        String directive = "";
        int at = 0;
        while (at < lines.size()) {
            String line = lines.get(at);
            if (!line.startsWith("```")) {
                directive = line.isBlank() ? directive : line;
                at++;
                continue;
            }
            int end = at + 1;
            while (!lines.get(end).equals("```")) {
                end++;
            }
            String block = String.join("\n", lines.subList(at + 1, end));
            if (line.equals("```java")) {
                add(at + 1, block, directive);
            } else if (line.equals("```text")) {
                expect(block, directive);
            }
            directive = line;
            at = end + 1;
        }
    }

    private void add(int lineNumber, String block, String directiveLine) {
        Matcher directive = DIRECTIVE.matcher(directiveLine);
        boolean given = directive.matches();
        boolean skipped = given && directive.group(1).equals("not run");
        String thrown = given && !skipped ? directive.group(2) : null;
        Matcher type = TYPE.matcher(block);
        boolean isType = type.find();
        String name = isType ? type.group(1) : "Example" + (samples.size() + 1);
        String source = IMPORTS + (isType ? block : statements(name, block));
        boolean runs = !skipped && (!isType || block.contains("void main("));
        samples.add(new Sample(page.getFileName() + ":" + lineNumber, name, source, runs, thrown, null));
    }

    private static String statements(String name, String block) {
        return "public final class " + name + " {\n    public static void run(ProcessPool pool) throws Throwable {\n"
                + block.indent(8) + "    }\n}\n";
    }

    /** A text that directly follows a sample is the message of what it throws. */
    private void expect(String text, String lineBefore) {
        if (!lineBefore.equals("```java") || samples.isEmpty()) {
            return;
        }
        Sample last = samples.get(samples.size() - 1);
        if (last.thrown() != null) {
            samples.set(
                    samples.size() - 1,
                    new Sample(last.where(), last.name(), last.source(), last.runs(), last.thrown(), text));
        }
    }

    /** Compiles all samples into a directory; returns the complaints of the compiler. */
    String compile(Path directory) throws IOException {
        if (samples.isEmpty()) {
            return "";
        }
        List<Path> files = new ArrayList<>();
        for (Sample sample : samples) {
            Path file = directory.resolve(sample.name() + ".java");
            Files.writeString(file, "// " + sample.where() + "\n" + sample.source());
            files.add(file);
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        try (StandardJavaFileManager manager =
                compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
            List<String> options = List.of(
                    "-proc:none", "-nowarn", "-d", directory.toString(), "-cp", System.getProperty("java.class.path"));
            boolean done = compiler.getTask(
                            complaints, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
                    .call();
            return done ? "" : complaints.toString();
        }
    }

    /** Tells whether a message is that of the page, but for numbers and what the page leaves out. */
    static boolean matches(String expected, String actual) {
        StringBuilder pattern = new StringBuilder();
        for (String part : normal(expected).split("…", -1)) {
            pattern.append(pattern.isEmpty() ? "" : ".*").append(Pattern.quote(part));
        }
        return Pattern.matches(pattern.toString(), normal(actual));
    }

    private static String normal(String message) {
        return message.replaceAll("Example\\d+", "Example")
                .replaceAll("\\d+", "0")
                .replaceAll("\\s+", " ")
                .strip();
    }
}
