package io.processpool.internal.wire;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * What travels with the items of a submission: headers for the task, and entries of the caller's MDC.
 *
 * <pre>
 *   count  { key  value } ...   headers
 *   count  { key  value } ...   MDC
 * </pre>
 *
 * Nothing at all stands for neither.
 *
 * @param user what the task may ask for
 * @param mdc what is to stand in the worker's MDC
 */
public record Headers(Map<String, String> user, Map<String, String> mdc) {

    /** Neither headers nor MDC. */
    public static final Headers NONE = new Headers(Map.of(), Map.of());

    /** How many bytes they may have, encoded. */
    public static final int MAX_BYTES = 64 << 10;

    /** Copies the maps. */
    public Headers {
        user = Map.copyOf(user);
        mdc = Map.copyOf(mdc);
    }

    /**
     * Writes them.
     *
     * @throws IllegalArgumentException if they are too large
     */
    public Bytes encode() {
        if (user.isEmpty() && mdc.isEmpty()) {
            return Bytes.EMPTY;
        }
        BytesOut out = new BytesOut(256);
        write(out, user);
        write(out, mdc);
        if (out.length() > MAX_BYTES) {
            throw new IllegalArgumentException("headers and MDC of a submission must have <= " + MAX_BYTES
                    + " bytes: bytes=" + out.length() + ", headers=" + user.keySet() + ", mdc=" + mdc.keySet());
        }
        return out.take();
    }

    private static void write(BytesOut out, Map<String, String> map) {
        out.writeVarLong(map.size());
        map.forEach((key, value) -> {
            out.writeString(key);
            out.writeString(value);
        });
    }

    /** Reads what {@link #encode} wrote. */
    public static Headers decode(Bytes bytes) throws IOException {
        if (bytes.length() == 0) {
            return NONE;
        }
        BytesIn in = bytes.open();
        Headers headers = new Headers(read(in), read(in));
        if (in.remaining() > 0) {
            throw new ProtocolException("headers have " + in.remaining() + " bytes too many");
        }
        return headers;
    }

    private static Map<String, String> read(BytesIn in) throws IOException {
        int count = in.readVarInt();
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < count; i++) {
            map.put(in.readString(), in.readString());
        }
        return map;
    }
}
