package io.processpool.sample.bundled;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the bundled documents: eight that any PDF reader opens, and three that break a program which does. */
public final class BundledDocuments {

    private BundledDocuments() {}

    /**
     * Writes them all.
     *
     * @param folder where to; made if it does not exist
     * @throws IOException if it cannot be written
     */
    public static void writeTo(Path folder) throws IOException {
        Path letters = Files.createDirectories(folder.resolve("letters"));
        OrdinaryDocuments.novel(folder.resolve("novel.pdf"));
        OrdinaryDocuments.formats(folder.resolve("formats.pdf"));
        OrdinaryDocuments.scripts(folder.resolve("scripts.pdf"));
        OrdinaryDocuments.invoice(folder.resolve("invoice.pdf"));
        OrdinaryDocuments.letter(letters.resolve("Ada.pdf"), "Ada");
        OrdinaryDocuments.letter(letters.resolve("Grace.PDF"), "Grace");
        Pictures.charts(folder.resolve("charts.pdf"));
        Pictures.photographs(folder.resolve("photographs.pdf"));

        HostileDocuments.damaged(folder.resolve("damaged.pdf"));
        HostileDocuments.memoryHog(folder.resolve("memory-hog.pdf"));
        HostileDocuments.neverEnds(folder.resolve("never-ends.pdf"));
    }
}
