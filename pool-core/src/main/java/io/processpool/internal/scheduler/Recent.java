package io.processpool.internal.scheduler;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Things that were used lately, no more than so many and with no more than so many bytes in all. The one that was added
 * last is kept whatever its size, alone if need be. Not safe for use by several threads.
 *
 * @param <K> what they are found by
 * @param <V> what is kept
 */
final class Recent<K, V> {

    private record Sized<V>(V value, long bytes) {}

    private final int maxEntries;
    private final long maxBytes;
    private final LinkedHashMap<K, Sized<V>> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    Recent(int maxEntries, long maxBytes) {
        this.maxEntries = maxEntries;
        this.maxBytes = maxBytes;
    }

    /** Returns what is kept under a key, which makes it the one used last; or null. */
    @Nullable
    V get(K key) {
        Sized<V> sized = entries.get(key);
        return sized == null ? null : sized.value();
    }

    /** Returns all that is kept, the one used last at the end. */
    List<V> values() {
        return entries.values().stream().map(Sized::value).toList();
    }

    /** Forgets what is kept under a key. Takes no memory. */
    void remove(K key) {
        Sized<V> sized = entries.remove(key);
        if (sized != null) {
            bytes -= sized.bytes();
        }
    }

    /** Adds what is not there yet; returns what had to go for it, the one used longest ago first. */
    List<V> add(K key, V value, long size) {
        List<V> gone = new ArrayList<>();
        Iterator<Map.Entry<K, Sized<V>>> oldest = entries.entrySet().iterator();
        while (oldest.hasNext() && (entries.size() >= maxEntries || bytes + size > maxBytes)) {
            Sized<V> sized = oldest.next().getValue();
            oldest.remove();
            bytes -= sized.bytes();
            gone.add(sized.value());
        }
        entries.put(key, new Sized<>(value, size));
        bytes += size;
        return gone;
    }
}
