package io.processpool.sample.bundled;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.font.PDType0Font;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts.FontName;

/** Documents made of text: many pages, many sizes, many scripts. */
final class OrdinaryDocuments {

    private static final PDFont SERIF = new PDType1Font(FontName.TIMES_ROMAN);
    private static final PDFont SERIF_ITALIC = new PDType1Font(FontName.TIMES_ITALIC);
    private static final PDFont SANS = new PDType1Font(FontName.HELVETICA);
    private static final PDFont SANS_BOLD = new PDType1Font(FontName.HELVETICA_BOLD);
    private static final PDFont MONO = new PDType1Font(FontName.COURIER);

    /** The one font that PDFBox brings along; it knows more than Latin. */
    private static final String LIBERATION = "/org/apache/pdfbox/resources/ttf/LiberationSans-Regular.ttf";

    private static final String SENTENCE =
            "The worker read the page, drew it small, and turned to the next one without a word. ";

    private OrdinaryDocuments() {}

    /** Two dozen pages of running text in three fonts. */
    static void novel(Path file) throws IOException {
        try (PDDocument pdf = new PDDocument()) {
            for (int chapter = 1; chapter <= 24; chapter++) {
                try (Sheet sheet = Sheet.on(pdf, PDRectangle.A5)) {
                    sheet.line(SANS_BOLD, 18, "Chapter " + chapter);
                    sheet.line(SERIF_ITALIC, 11, "in which page " + chapter + " of 24 is read");
                    sheet.space(10);
                    for (int paragraph = 0; paragraph < 4; paragraph++) {
                        sheet.paragraph(SERIF, 11, SENTENCE.repeat(3 + (chapter + paragraph) % 4));
                    }
                    sheet.line(MONO, 9, "- " + chapter + " -");
                }
            }
            pdf.save(file.toFile());
        }
    }

    /** Small and large, upright and turned, and one page with nothing on it. */
    static void formats(Path file) throws IOException {
        List<PDRectangle> sizes = List.of(PDRectangle.A6, PDRectangle.A4, PDRectangle.A3, PDRectangle.LETTER);
        try (PDDocument pdf = new PDDocument()) {
            for (PDRectangle size : sizes) {
                for (int rotation = 0; rotation < 360; rotation += 90) {
                    try (Sheet sheet = Sheet.on(pdf, size)) {
                        sheet.page().setRotation(rotation);
                        sheet.line(SANS_BOLD, size.getWidth() / 12, "Turned by " + rotation);
                        sheet.line(SANS, size.getWidth() / 20, size.getWidth() + " x " + size.getHeight() + " points");
                    }
                }
            }
            pdf.addPage(new PDPage(PDRectangle.A4));
            pdf.save(file.toFile());
        }
    }

    /** One page for each script of the embedded font. */
    static void scripts(Path file) throws IOException {
        try (PDDocument pdf = new PDDocument();
                InputStream ttf = PDDocument.class.getResourceAsStream(LIBERATION)) {
            PDFont font = PDType0Font.load(pdf, Objects.requireNonNull(ttf, LIBERATION));
            for (String text : List.of(
                    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich",
                    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία",
                    "Съешь же ещё этих мягких французских булок, да выпей чаю",
                    "Příliš žluťoučký kůň úpěl ďábelské ódy",
                    "Pijamalı hasta yağız şoföre çabucak güvendi")) {
                try (Sheet sheet = Sheet.on(pdf, PDRectangle.A5)) {
                    sheet.paragraph(font, 28, text);
                }
            }
            pdf.save(file.toFile());
        }
    }

    /** A table with figures, and rules between the rows. */
    static void invoice(Path file) throws IOException {
        try (PDDocument pdf = new PDDocument()) {
            try (Sheet sheet = Sheet.on(pdf, PDRectangle.A4)) {
                sheet.line(SANS_BOLD, 24, "Invoice 2026-0042");
                sheet.space(20);
                int total = 0;
                for (int item = 1; item <= 18; item++) {
                    int price = item * 1375 % 9973;
                    total += price;
                    sheet.line(MONO, 12, row("Rendering of document " + item, price));
                    sheet.rule();
                }
                sheet.line(MONO, 12, row("Total", total));
            }
            pdf.save(file.toFile());
        }
    }

    /** A page of correspondence. */
    static void letter(Path file, String to) throws IOException {
        try (PDDocument pdf = new PDDocument()) {
            try (Sheet sheet = Sheet.on(pdf, PDRectangle.A4)) {
                sheet.line(SERIF, 14, "Dear " + to + ",");
                sheet.paragraph(SERIF, 14, "thank you for your engine. " + SENTENCE.repeat(5));
                sheet.line(SERIF_ITALIC, 14, "Yours, a process");
            }
            pdf.save(file.toFile());
        }
    }

    private static String row(String text, int cents) {
        return String.format(Locale.ROOT, "%-40s %12.2f EUR", text, cents / 100.0);
    }
}
