package io.processpool.sample;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;

/** Finds the PDFs in a folder and its subfolders, by the ending of their names, whatever its case. */
final class DocumentScanner extends SimpleFileVisitor<Path> {

    private final Path root;
    private final Path excluded;
    private final List<SourceDocument> documents = new ArrayList<>();
    private final List<String> unreadable = new ArrayList<>();

    private DocumentScanner(Path root, Path excluded) {
        this.root = root;
        this.excluded = excluded;
    }

    /**
     * Scans a folder, or takes a single file.
     *
     * @param place the folder or file
     * @param excluded a folder that is not searched, even if it lies in there
     * @throws UsageException if there is nothing to be found
     * @throws IOException if the scan fails
     */
    static Scan scan(Path place, Path excluded) throws IOException {
        if (!Files.exists(place)) {
            throw new UsageException("no such folder: " + place);
        }
        Path root = place.toAbsolutePath().normalize();
        if (Files.isRegularFile(root)) {
            return new Scan(List.of(new SourceDocument(root, root.getFileName())), List.of());
        }
        DocumentScanner scanner = new DocumentScanner(root, excluded);
        Files.walkFileTree(root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, scanner);
        if (scanner.documents.isEmpty()) {
            throw new UsageException("no PDFs in " + place
                    + (scanner.unreadable.isEmpty() ? "" : "; not readable: " + scanner.unreadable));
        }
        scanner.documents.sort(Comparator.comparing(SourceDocument::name));
        return new Scan(scanner.documents, scanner.unreadable);
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
        return folder.equals(excluded) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        if (attributes.isRegularFile()
                && file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".pdf")) {
            documents.add(new SourceDocument(file, root.relativize(file)));
        }
        return FileVisitResult.CONTINUE;
    }

    /** One folder that may not be entered, or a link that leads in a circle, does not spoil the rest. */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException reason) {
        unreadable.add(file.toString());
        return FileVisitResult.CONTINUE;
    }

    /**
     * What was found.
     *
     * @param documents the PDFs, ordered by name
     * @param unreadable the paths that could not be entered
     */
    record Scan(List<SourceDocument> documents, List<String> unreadable) {

        Scan {
            documents = List.copyOf(documents);
            unreadable = List.copyOf(unreadable);
        }
    }
}
