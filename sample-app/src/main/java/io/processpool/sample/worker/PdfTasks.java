package io.processpool.sample.worker;

import io.processpool.WorkerContext;
import java.awt.image.BufferedImage;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.io.IOUtils;
import org.apache.pdfbox.io.RandomAccessRead;
import org.apache.pdfbox.io.RandomAccessReadBufferedFile;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.FontMappers;
import org.apache.pdfbox.rendering.ImageType;
import org.apache.pdfbox.rendering.PDFRenderer;
import org.apache.pdfbox.text.PDFTextStripper;

/**
 * The functions that workers run. They are as one would write them without a pool: nothing here defends itself against
 * a hostile document, because the process around it does.
 */
public final class PdfTasks {

    private PdfTasks() {}

    /**
     * Prepares a new worker, so that no document pays for it from its own time: finds the fonts of this machine, for
     * PDFs that do not embed theirs, which takes seconds where there are many.
     */
    public static void prepareWorker() {
        ImageIO.setUseCache(false);
        FontMappers.instance().getFontBoxFont("Helvetica", null);
    }

    /**
     * Counts the pages of a document, one by one: what a document says about itself may be wrong.
     *
     * @param document the PDF
     * @return the number of pages
     * @throws IOException if it cannot be read as a PDF
     */
    public static int countPages(URI document) throws IOException {
        try (PDDocument pdf = open(document)) {
            return (int)
                    StreamSupport.stream(pdf.getPages().spliterator(), false).count();
        }
    }

    /**
     * Writes the text of a document to {@code text.txt}, pages ended by form feeds, and a thumbnail of each page to
     * {@code page-001.png} and so on; reports progress in pages.
     *
     * @param request what to do
     * @return how many characters of text there were; small, as all that is sent between processes should be
     * @throws IOException if the document cannot be read, or the output not be written
     */
    public static long extract(ExtractionRequest request) throws IOException {
        WorkerContext context = WorkerContext.current();
        Path target = Files.createDirectories(Path.of(request.target()));
        try (PDDocument pdf = open(request.document());
                Writer text = writer(target.resolve("text.txt"))) {
            int pages = request.pages();
            PDFTextStripper stripper = new PDFTextStripper();
            stripper.setLineSeparator("\n");
            PDFRenderer renderer = new PDFRenderer(pdf);
            renderer.setSubsamplingAllowed(true);
            long characters = 0;
            for (int page = 1; page <= pages; page++) {
                stripper.setStartPage(page);
                stripper.setEndPage(page);
                // Otherwise the text of a page that is turned comes out letter by letter.
                stripper.setSortByPosition(pdf.getPage(page - 1).getRotation() != 0);
                String pageText = stripper.getText(pdf);
                text.append(pageText).append('\f');
                characters += pageText.length();

                Path file = target.resolve(String.format(Locale.ROOT, "page-%03d.png", page));
                try (OutputStream out = Files.newOutputStream(file)) {
                    ImageIO.write(thumbnail(pdf, renderer, page - 1, request.thumbnailSize()), "png", out);
                }

                context.progress(page, pages);
                if (context.cancelled()) {
                    throw new InterruptedIOException("cancelled after page " + page + " of " + pages);
                }
            }
            return characters;
        }
    }

    /** Unlike the writers of {@link Files}, takes any text: some PDFs have halves of characters in theirs. */
    private static Writer writer(Path file) throws IOException {
        return new BufferedWriter(new OutputStreamWriter(Files.newOutputStream(file), StandardCharsets.UTF_8));
    }

    private static BufferedImage thumbnail(PDDocument pdf, PDFRenderer renderer, int index, int size)
            throws IOException {
        PDPage page = pdf.getPage(index);
        PDRectangle box = page.getCropBox();
        float scale = size / Math.max(box.getWidth(), box.getHeight());
        return renderer.renderImage(index, scale, ImageType.RGB);
    }

    /**
     * Opens a PDF without reading it into memory: it stays in its file, and what must be decrypted goes to a temporary
     * one. The worker's temporary directory goes with the job, so a killed worker leaves nothing behind.
     */
    private static PDDocument open(URI document) throws IOException {
        RandomAccessRead file = new RandomAccessReadBufferedFile(Path.of(document));
        try {
            return Loader.loadPDF(file, IOUtils.createTempFileOnlyStreamCache());
        } catch (Throwable e) {
            // PDFBox closes what it was given only with the document, and here there will be none.
            file.close();
            throw e;
        }
    }
}
