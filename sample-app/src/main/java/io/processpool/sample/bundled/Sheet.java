package io.processpool.sample.bundled;

import java.io.Closeable;
import java.io.IOException;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDFont;

/** A new page that is written from top to bottom. Closing it ends the page. */
final class Sheet implements Closeable {

    private final PDPage page;
    private final PDPageContentStream content;
    private final float margin;
    private float y;

    private Sheet(PDPage page, PDPageContentStream content) {
        this.page = page;
        this.content = content;
        this.margin = page.getMediaBox().getWidth() / 10;
        this.y = page.getMediaBox().getHeight() - margin;
    }

    static Sheet on(PDDocument pdf, PDRectangle size) throws IOException {
        PDPage page = new PDPage(size);
        pdf.addPage(page);
        return new Sheet(page, new PDPageContentStream(pdf, page));
    }

    PDPage page() {
        return page;
    }

    PDPageContentStream content() {
        return content;
    }

    void line(PDFont font, float size, String text) throws IOException {
        y -= size * 1.3f;
        content.beginText();
        content.setFont(font, size);
        content.newLineAtOffset(margin, y);
        content.showText(text);
        content.endText();
    }

    void paragraph(PDFont font, float size, String text) throws IOException {
        float width = page.getMediaBox().getWidth() - 2 * margin;
        StringBuilder line = new StringBuilder();
        for (String word : text.strip().split(" ", -1)) {
            String longer = line.isEmpty() ? word : line + " " + word;
            if (font.getStringWidth(longer) / 1000 * size > width) {
                line(font, size, line.toString());
                longer = word;
            }
            line.setLength(0);
            line.append(longer);
        }
        line(font, size, line.toString());
        space(size / 2);
    }

    void rule() throws IOException {
        space(4);
        content.setLineWidth(0.5f);
        content.moveTo(margin, y);
        content.lineTo(page.getMediaBox().getWidth() - margin, y);
        content.stroke();
    }

    void space(float points) {
        y -= points;
    }

    @Override
    public void close() throws IOException {
        content.close();
    }
}
