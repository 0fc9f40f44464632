package io.processpool.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTests {

    @TempDir
    Path root;

    private final SourceDocument document = new SourceDocument(Path.of("/in/sub/a.pdf"), Path.of("sub", "a.pdf"));
    private OutputFolder output;
    private Path place;

    @BeforeEach
    void setUp() {
        output = new OutputFolder(root);
        place = root.resolve("sub/a.pdf");
    }

    @Test
    void publish_movesTheWholeFolder() throws IOException {
        Path finished = finished("text");

        output.publish(document, finished);

        assertThat(place.resolve("text.txt")).hasContent("text");
        assertThat(finished).doesNotExist();
    }

    @Test
    void publish_earlierResults_areReplaced() throws IOException {
        output.publish(document, finished("old"));
        Files.createFile(place.resolve("page-1234.png"));

        output.publish(document, finished("new"));

        assertThat(place.resolve("page-1234.png")).doesNotExist();
        assertThat(place.resolve("text.txt")).hasContent("new");
    }

    @Test
    void publish_foreignFileInTheWay_isLeftAlone() throws IOException {
        Files.createDirectories(place.getParent());
        Files.writeString(place, "somebody's PDF");

        assertThatThrownBy(() -> output.publish(document, finished("new")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(place.toString());
        assertThat(place).hasContent("somebody's PDF");
    }

    @Test
    void publish_foreignFileAmongTheResults_isLeftAlone() throws IOException {
        output.publish(document, finished("old"));
        Files.writeString(place.resolve("notes.txt"), "mine");

        assertThatThrownBy(() -> output.publish(document, finished("new")))
                .isInstanceOf(DirectoryNotEmptyException.class);
        assertThat(place.resolve("notes.txt")).hasContent("mine");
    }

    @Test
    void clear_nothingThere_doesNothing() throws IOException {
        output.clear(document);

        assertThat(root).isEmptyDirectory();
    }

    private Path finished(String text) throws IOException {
        Path folder = Files.createDirectories(root.resolve(".work/unfinished/0"));
        Files.writeString(folder.resolve("text.txt"), text);
        Files.writeString(folder.resolve("page-001.png"), "png");
        return folder;
    }
}
