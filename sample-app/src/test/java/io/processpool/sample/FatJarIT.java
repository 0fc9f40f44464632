package io.processpool.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.sample.bundled.BundledDocuments;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.encryption.AccessPermission;
import org.apache.pdfbox.pdmodel.encryption.StandardProtectionPolicy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application as its users run it: {@code java -jar}. */
class FatJarIT {

    private static final Path JAR = Path.of("target", "sample-app.jar").toAbsolutePath();

    @TempDir
    Path folder;

    private Path temporary;

    @BeforeEach
    void setUp() throws IOException {
        temporary = Files.createDirectory(folder.resolve("tmp"));
    }

    @Test
    void noArguments_extractsTheBundledDocuments() throws Exception {
        Run run = run("--workers=2");

        assertThat(run.exitCode).as(run.toString()).isZero();
        assertThat(run.out)
                .containsPattern("(?m)^documents +11$")
                .containsPattern("(?m)^  succeeded +8$")
                .containsPattern("(?m)^pages +53$")
                .containsPattern("(?m)^failed: damaged.pdf - IOException: ")
                .containsPattern("(?m)^failed: memory-hog.pdf - worker out of memory ")
                .containsPattern("(?m)^failed: never-ends.pdf - not done within 10.0 s ");
        assertThat(run.err).contains("Rendering 100%").doesNotContain("Exception", "WARN", "ERROR");
        Path output = folder.resolve("processpool-sample-output");
        assertThat(output.resolve("letters/Grace.PDF/text.txt")).content().contains("Dear Grace,");
        assertThat(output.resolve("bundled")).doesNotExist();
    }

    @Test
    void folderOfOddNames_eachDocumentForItself() throws Exception {
        Path documents = folder.resolve("in put");
        Path bundled = folder.resolve("bundled");
        BundledDocuments.writeTo(bundled);
        Path deep = Files.createDirectories(documents.resolve("größe & maß/100% #1"));
        Files.copy(bundled.resolve("scripts.pdf"), deep.resolve("日本 ü'.pdf"));
        Files.copy(bundled.resolve("charts.pdf"), documents.resolve("-charts+.PDF"));
        Files.copy(bundled.resolve("invoice.pdf"), documents.resolve(".pdf"));
        Files.writeString(documents.resolve("text.pdf"), "This is not a PDF.");
        Files.createFile(documents.resolve("empty.pdf"));
        encrypt(bundled.resolve("invoice.pdf"), documents.resolve("secret.pdf"), "secret");
        encrypt(bundled.resolve("invoice.pdf"), documents.resolve("protected.pdf"), "");

        Run run = run("--documents=" + documents, "--output=" + folder.resolve("out put"), "--workers", "2");

        assertThat(run.exitCode).as(run.toString()).isZero();
        assertThat(run.out)
                .containsPattern("(?m)^documents +7$")
                .containsPattern("(?m)^  succeeded +4$")
                .contains("failed: empty.pdf - ", "failed: text.pdf - IOException: ")
                .contains("failed: secret.pdf - encrypted, needs a password");
        Path output = folder.resolve("out put");
        assertThat(output.resolve("größe & maß/100% #1/日本 ü'.pdf/text.txt"))
                .content()
                .contains("булок");
        assertThat(output.resolve("-charts+.PDF/page-002.png")).isNotEmptyFile();
        assertThat(output.resolve(".pdf/page-001.png")).isNotEmptyFile();
        assertThat(output.resolve("protected.pdf/text.txt")).content().contains("Invoice 2026-0042");
        try (var files = Files.list(output)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("größe & maß", "-charts+.PDF", ".pdf", "protected.pdf");
        }
    }

    @Test
    void noSuchFolder_saysSoAndLeavesNothing() throws Exception {
        Run run = run("--documents=missing");

        assertThat(run.exitCode).isEqualTo(2);
        assertThat(run.out).isEmpty();
        assertThat(run.err).isEqualToIgnoringNewLines("no such folder: missing");
        assertThat(folder.resolve("processpool-sample-output")).doesNotExist();
    }

    @Test
    void noPdfs_saysSo() throws Exception {
        Run run = run("--documents=" + Files.createDirectory(folder.resolve("none")));

        assertThat(run.exitCode).isEqualTo(2);
        assertThat(run.err).startsWith("no PDFs in ");
    }

    @Test
    void invalidValue_isNamedWithoutStack() throws Exception {
        Run run = run("--workers=many");

        assertThat(run.exitCode).isEqualTo(1);
        assertThat(run.out)
                .contains("processpool.pools.render.workers", "\"many\"")
                .doesNotContain("\tat ");
    }

    @Test
    void impossibleValue_isNamedWithoutStack() throws Exception {
        Run run = run("--heap=1MB");

        assertThat(run.exitCode).isEqualTo(1);
        assertThat(run.out)
                .contains("processpool.max-heap", "1MB", "maxHeap must be")
                .doesNotContain("\tat ");
    }

    @Test
    void help_isPrinted() throws Exception {
        Run run = run("--help");

        assertThat(run.exitCode).isZero();
        assertThat(run.out).isEqualToNormalizingNewlines(CommandLine.HELP);
    }

    /** Boot's other way to run: the libraries beside a plain jar. */
    @Test
    void extractedJar_worksAsWell() throws Exception {
        Path extracted = folder.resolve("extracted");
        Process extraction = new ProcessBuilder(
                        java(),
                        "-XX:TieredStopAtLevel=1",
                        "-Djarmode=tools",
                        "-jar",
                        JAR.toString(),
                        "extract",
                        "--destination",
                        extracted.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("extraction.txt").toFile())
                .start();
        assertThat(extraction.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(extraction.exitValue()).isZero();
        Path bundled = folder.resolve("bundled");
        BundledDocuments.writeTo(bundled);
        Path documents = Files.createDirectory(folder.resolve("documents"));
        Files.copy(bundled.resolve("letters/Grace.PDF"), documents.resolve("Grace.pdf"));

        Run run = run(extracted.resolve(JAR.getFileName()), "--workers=1", "--documents=" + documents);

        assertThat(run.exitCode).as(run.toString()).isZero();
        assertThat(run.out).containsPattern("(?m)^  succeeded +1$");
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private Run run(String... arguments) throws Exception {
        return run(JAR, arguments);
    }

    /** Runs a jar in the test's folder, and asserts that no process and no temporary file outlives it. */
    private Run run(Path jar, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                java(),
                // What starts here ends before the second compiler pays.
                "-XX:TieredStopAtLevel=1",
                "-Dstdout.encoding=UTF-8",
                "-Dfile.encoding=UTF-8",
                "-Djava.io.tmpdir=" + temporary,
                "-jar",
                jar.toString()));
        command.addAll(List.of(arguments));
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        Set<ProcessHandle> family = new LinkedHashSet<>();
        while (!process.waitFor(50, TimeUnit.MILLISECONDS)) {
            process.descendants().forEach(family::add);
        }
        assertThat(family).noneMatch(ProcessHandle::isAlive);
        assertThat(temporary).isEmptyDirectory();
        Run run = new Run(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
        assertThat(run.err).doesNotContain("\tat ");
        return run;
    }

    private static void encrypt(Path from, Path to, String password) throws IOException {
        try (PDDocument pdf = Loader.loadPDF(from.toFile())) {
            pdf.protect(new StandardProtectionPolicy("owner", password, new AccessPermission()));
            pdf.save(to.toFile());
        }
    }

    /** How a run ended and what it printed. */
    private record Run(int exitCode, String out, String err) {}
}
