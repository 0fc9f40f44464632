package io.processpool.internal.process;

import java.io.Closeable;
import java.io.IOException;

/** Closes streams. */
final class Streams {

    private Streams() {}

    /** Closes, whatever comes. */
    static void close(Closeable stream) {
        try {
            stream.close();
        } catch (IOException e) {
            // such as data that nobody will read any more
        }
    }
}
