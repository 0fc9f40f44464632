package io.processpool.sample.worker;

import java.io.Serial;
import java.io.Serializable;
import java.net.URI;
import java.nio.file.Path;

/**
 * What a worker is asked to do with one document. Small, because it travels between processes.
 *
 * <p>Places are URIs: a {@link Path} is not serializable, and a string would lose those file names that the character
 * set of the platform cannot express.
 *
 * @param document the PDF
 * @param target the folder for the text and the thumbnails, which does not exist yet
 * @param pages how many pages it has
 * @param thumbnailSize the longest side of a thumbnail in pixels
 */
public record ExtractionRequest(URI document, URI target, int pages, int thumbnailSize) implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;
}
