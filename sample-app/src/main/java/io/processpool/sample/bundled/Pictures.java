package io.processpool.sample.bundled;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts.FontName;
import org.apache.pdfbox.pdmodel.graphics.image.JPEGFactory;
import org.apache.pdfbox.pdmodel.graphics.image.LosslessFactory;
import org.apache.pdfbox.pdmodel.graphics.image.PDImageXObject;

/** Documents made of graphics: vectors and images. */
final class Pictures {

    private static final PDFont SANS_BOLD = new PDType1Font(FontName.HELVETICA_BOLD);

    private Pictures() {}

    /** Bars and curves. */
    static void charts(Path file) throws IOException {
        try (PDDocument pdf = new PDDocument()) {
            try (Sheet sheet = Sheet.on(pdf, landscape(PDRectangle.A4))) {
                sheet.line(SANS_BOLD, 24, "Pages per second by number of workers");
                for (int bar = 0; bar < 12; bar++) {
                    sheet.content().setNonStrokingColor(Color.getHSBColor(bar / 12f, 0.6f, 0.85f));
                    sheet.content().addRect(100 + bar * 55, 60, 40, (float) (110 * Math.log(bar + 2)));
                    sheet.content().fill();
                }
            }
            try (Sheet sheet = Sheet.on(pdf, landscape(PDRectangle.A4))) {
                sheet.line(SANS_BOLD, 24, "A rose for the reader");
                for (int petal = 0; petal < 24; petal++) {
                    sheet.content().setStrokingColor(Color.getHSBColor(petal / 24f, 0.8f, 0.7f));
                    petal(sheet.content(), petal * Math.PI / 12);
                }
            }
            pdf.save(file.toFile());
        }
    }

    /** The same picture twice: once as a photograph is stored, once without loss. */
    static void photographs(Path file) throws IOException {
        try (PDDocument pdf = new PDDocument()) {
            BufferedImage picture = mandelbrot(600, 450);
            show(pdf, "Compressed as JPEG", JPEGFactory.createFromImage(pdf, picture));
            show(pdf, "Compressed without loss", LosslessFactory.createFromImage(pdf, picture));
            pdf.save(file.toFile());
        }
    }

    private static void show(PDDocument pdf, String title, PDImageXObject image) throws IOException {
        try (Sheet sheet = Sheet.on(pdf, PDRectangle.A4)) {
            sheet.line(SANS_BOLD, 24, title);
            sheet.content().drawImage(image, 57, 320, 480, 360);
        }
    }

    private static void petal(PDPageContentStream content, double angle) throws IOException {
        float x = 420;
        float y = 260;
        content.moveTo(x, y);
        content.curveTo(
                x + (float) (260 * Math.cos(angle)),
                y + (float) (260 * Math.sin(angle)),
                x + (float) (260 * Math.cos(angle + 1)),
                y + (float) (260 * Math.sin(angle + 1)),
                x,
                y);
        content.stroke();
    }

    private static BufferedImage mandelbrot(int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                int steps = escapeSteps(3.0 * column / width - 2.2, 2.25 * row / height - 1.125);
                image.setRGB(column, row, Color.HSBtoRGB(0.6f + steps / 80f, 0.7f, steps == 80 ? 0 : 0.95f));
            }
        }
        return image;
    }

    private static int escapeSteps(double re, double im) {
        double x = 0;
        double y = 0;
        int steps = 0;
        while (x * x + y * y < 4 && steps < 80) {
            double next = x * x - y * y + re;
            y = 2 * x * y + im;
            x = next;
            steps++;
        }
        return steps;
    }

    private static PDRectangle landscape(PDRectangle size) {
        return new PDRectangle(size.getHeight(), size.getWidth());
    }
}
