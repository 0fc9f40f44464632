package io.processpool.sample.bundled;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.DeflaterOutputStream;
import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.cos.COSStream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.PDResources;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.common.PDStream;
import org.apache.pdfbox.pdmodel.graphics.color.PDDeviceGray;
import org.apache.pdfbox.pdmodel.graphics.form.PDFormXObject;
import org.apache.pdfbox.pdmodel.graphics.image.PDImageXObject;
import org.jspecify.annotations.Nullable;

/**
 * Documents that harm the process which reads them, by nothing but their content. Each is a few kilobytes.
 *
 * <p>In a thread of the application, the second would take the whole heap, and the third a processor for good: an
 * interrupt reaches neither.
 */
final class HostileDocuments {

    /** 40,000 x 40,000 grey pixels: 1.6 GB, and the next power of two while the decoder's buffer grows. */
    private static final int HOG_SIDE = 40_000;

    /** 12 levels of 10 calls: 10^12 drawings, some weeks of work. */
    private static final int FAN_LEVELS = 12;

    private static final int FAN_WIDTH = 10;

    private HostileDocuments() {}

    /** A download that broke off: neither the table of contents at its end nor the root object ever arrived. */
    static void damaged(Path file) throws IOException {
        Path whole = Files.createTempFile(file.getParent(), "whole", ".tmp");
        try {
            OrdinaryDocuments.novel(whole);
            byte[] bytes = Files.readAllBytes(whole);
            Files.write(file, Arrays.copyOf(bytes, bytes.length / 3));
        } finally {
            Files.delete(whole);
        }
    }

    /** A decompression bomb: a white image, packed by run lengths and then once more, as a PDF may. */
    static void memoryHog(Path file) throws IOException {
        try (PDDocument pdf = new PDDocument()) {
            PDPage page = new PDPage(PDRectangle.A4);
            pdf.addPage(page);
            PDImageXObject bomb = new PDImageXObject(new PDStream(pdf), null);
            bomb.setWidth(HOG_SIDE);
            bomb.setHeight(HOG_SIDE);
            bomb.setBitsPerComponent(8);
            bomb.setColorSpace(PDDeviceGray.INSTANCE);
            COSStream packed = bomb.getCOSObject();
            try (OutputStream out = new DeflaterOutputStream(packed.createRawOutputStream())) {
                writeRuns(out, (long) HOG_SIDE * HOG_SIDE);
            }
            COSArray filters = new COSArray();
            filters.add(COSName.FLATE_DECODE);
            filters.add(COSName.RUN_LENGTH_DECODE);
            packed.setItem(COSName.FILTER, filters);
            try (PDPageContentStream content = new PDPageContentStream(pdf, page)) {
                content.drawImage(bomb, 50, 300, 500, 500);
            }
            pdf.save(file.toFile());
        }
    }

    /** Forms that draw forms: each level draws the next ten times, and only the last draws a line. */
    static void neverEnds(Path file) throws IOException {
        try (PDDocument pdf = new PDDocument()) {
            PDFormXObject form = form(pdf, "0 0 m 100 100 l S\n", null);
            for (int level = 1; level < FAN_LEVELS; level++) {
                form = form(pdf, "/Next Do\n".repeat(FAN_WIDTH), form);
            }
            PDPage page = new PDPage(PDRectangle.A4);
            pdf.addPage(page);
            try (PDPageContentStream content = new PDPageContentStream(pdf, page)) {
                for (int i = 0; i < FAN_WIDTH; i++) {
                    content.drawForm(form);
                }
            }
            pdf.save(file.toFile());
        }
    }

    private static PDFormXObject form(PDDocument pdf, String content, @Nullable PDFormXObject next) throws IOException {
        PDFormXObject form = new PDFormXObject(pdf);
        form.setBBox(PDRectangle.A4);
        PDResources resources = new PDResources();
        if (next != null) {
            resources.put(COSName.getPDFName("Next"), next);
        }
        form.setResources(resources);
        try (OutputStream out = form.getContentStream().createOutputStream()) {
            out.write(content.getBytes(StandardCharsets.US_ASCII));
        }
        return form;
    }

    /** Run-length code: a length byte of 129 says that the next byte stands for 128 of its kind; 128 ends the data. */
    private static void writeRuns(OutputStream out, long count) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < 4096; i++) {
            block.write(129);
            block.write(255);
        }
        long blockLength = 4096L * 128;
        for (long written = 0; written < count; written += blockLength) {
            block.writeTo(out);
        }
        out.write(128);
    }
}
