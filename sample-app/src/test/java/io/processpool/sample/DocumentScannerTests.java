package io.processpool.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.sample.DocumentScanner.Scan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class DocumentScannerTests {

    @TempDir
    Path folder;

    private Path output;

    @BeforeEach
    void setUp() {
        output = folder.resolve("output");
    }

    @Test
    void scan_folder_findsPdfsInSubfoldersByName() throws IOException {
        touch("b.pdf");
        touch("sub/deep er/a.PDF");
        touch("sub/b.pdf");
        touch("notes.txt");
        touch("pdf");
        Files.createDirectories(folder.resolve("folder.pdf"));

        Scan scan = DocumentScanner.scan(folder, output);

        assertThat(scan.documents())
                .extracting(document -> document.name().replace('\\', '/'))
                .containsExactly("b.pdf", "sub/b.pdf", "sub/deep er/a.PDF");
        assertThat(scan.documents())
                .allSatisfy(document -> assertThat(document.file()).isAbsolute().exists());
        assertThat(scan.unreadable()).isEmpty();
    }

    @Test
    void scan_outputInside_isLeftOut() throws IOException {
        touch("a.pdf");
        touch("output/.work/bundled/b.pdf");

        assertThat(DocumentScanner.scan(folder, output).documents())
                .extracting(SourceDocument::name)
                .containsExactly("a.pdf");
    }

    @Test
    void scan_file_isTheOnlyDocument() throws IOException {
        Path file = touch("sub/a.pdf");
        touch("sub/b.pdf");

        assertThat(DocumentScanner.scan(file, output).documents())
                .containsExactly(new SourceDocument(file.toAbsolutePath(), Path.of("a.pdf")));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void scan_linkInACircle_isReported() throws IOException {
        touch("sub/a.pdf");
        Files.createSymbolicLink(folder.resolve("sub/circle"), folder);

        Scan scan = DocumentScanner.scan(folder, output);

        assertThat(scan.documents()).hasSize(1);
        assertThat(scan.unreadable())
                .containsExactly(folder.resolve("sub/circle").toString());
    }

    @Test
    void scan_noSuchFolder_saysSo() {
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> DocumentScanner.scan(missing, output))
                .isInstanceOf(UsageException.class)
                .hasMessage("no such folder: " + missing);
    }

    @Test
    void scan_nothingInIt_saysSo() {
        assertThatThrownBy(() -> DocumentScanner.scan(folder, output))
                .isInstanceOf(UsageException.class)
                .hasMessage("no PDFs in " + folder);
    }

    private Path touch(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.createFile(file);
    }
}
