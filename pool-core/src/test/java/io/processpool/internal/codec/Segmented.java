package io.processpool.internal.codec;

import io.processpool.internal.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;

/** Bytes in many small segments, to cross their borders everywhere. */
final class Segmented {

    private Segmented() {}

    static Bytes split(byte[] all, int segment) {
        List<Bytes> parts = new ArrayList<>();
        for (int from = 0; from < all.length; from += segment) {
            parts.add(Bytes.of(all, from, Math.min(segment, all.length - from)));
        }
        return Bytes.concat(parts);
    }
}
