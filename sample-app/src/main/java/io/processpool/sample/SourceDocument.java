package io.processpool.sample;

import java.net.URI;
import java.nio.file.Path;

/**
 * A PDF to be read.
 *
 * @param file the absolute path
 * @param relative the path below the documents folder, which makes it unique in the output
 */
record SourceDocument(Path file, Path relative) {

    String name() {
        return relative.toString();
    }

    URI uri() {
        return file.toUri();
    }
}
