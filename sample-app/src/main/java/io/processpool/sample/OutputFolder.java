package io.processpool.sample;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Pattern;

/**
 * The folder with the results: for {@code sub/report.pdf} a folder {@code sub/report.pdf}, which is there as a whole or
 * not at all. Safe for use by several threads, as long as each has a document of its own.
 *
 * <p>What an earlier run has left for a document is replaced. Nothing else is ever deleted: if somebody else's file is
 * in the way, the document fails.
 */
final class OutputFolder {

    private static final Pattern OURS = Pattern.compile("text\\.txt|page-\\d+\\.png");

    private final Path root;

    OutputFolder(Path root) {
        this.root = root;
    }

    /** Returns the folder for the results of a document. */
    Path of(SourceDocument document) {
        return root.resolve(document.relative());
    }

    /**
     * Puts finished results in their place, in one step.
     *
     * @param finished the folder that holds them, on the same file system
     */
    void publish(SourceDocument document, Path finished) throws IOException {
        clear(document);
        Path place = of(document);
        Files.createDirectories(place.getParent());
        Files.move(finished, place, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes what an earlier run has left for a document. */
    void clear(SourceDocument document) throws IOException {
        Path place = of(document);
        if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
            if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("in the way of the output: " + place);
            }
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(place)) {
            for (Path file : files) {
                if (OURS.matcher(file.getFileName().toString()).matches()) {
                    Files.delete(file);
                }
            }
        }
        // Fails, as it should, if the folder holds anything else.
        Files.delete(place);
    }
}
