package io.processpool.sample.bundled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundledDocumentsTests {

    @TempDir
    static Path folder;

    @BeforeAll
    static void setUp() throws IOException {
        BundledDocuments.writeTo(folder);
    }

    @Test
    void all_areSmall() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> documents = files.filter(Files::isRegularFile).toList();
            assertThat(documents)
                    .hasSize(11)
                    .allSatisfy(file -> assertThat(Files.size(file)).isLessThan(200_000));
        }
    }

    @Test
    void damaged_isNoPdf() {
        assertThatThrownBy(() -> Loader.loadPDF(folder.resolve("damaged.pdf").toFile()))
                .isInstanceOf(IOException.class);
    }

    /** They open like any other: nobody can tell before. */
    @Test
    void memoryHogAndNeverEnds_haveOnePage() throws IOException {
        for (String name : List.of("memory-hog.pdf", "never-ends.pdf")) {
            try (PDDocument pdf = Loader.loadPDF(folder.resolve(name).toFile())) {
                assertThat(pdf.getNumberOfPages()).isEqualTo(1);
            }
        }
    }

    @Test
    void scripts_textComesBackAsItWasWritten() throws IOException {
        try (PDDocument pdf = Loader.loadPDF(folder.resolve("scripts.pdf").toFile())) {
            assertThat(new PDFTextStripper().getText(pdf)).contains("Zwölf", "ψυχοφθόρα", "булок", "žluťoučký");
        }
    }
}
