package io.processpool.sample.worker;

import java.io.Serial;
import java.io.Serializable;

/**
 * What a worker found in one document. Small on purpose: text and images go straight from the worker to the disk.
 *
 * @param pages the number of pages, each of which has a thumbnail
 * @param characters the length of the extracted text
 */
public record ExtractionResult(int pages, long characters) implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;
}
