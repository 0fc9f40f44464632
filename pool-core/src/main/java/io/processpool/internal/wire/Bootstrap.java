package io.processpool.internal.wire;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import java.io.IOException;

/**
 * What a worker process reads from its stdin, once, before it connects.
 *
 * @param token the one-time proof of identity
 * @param endpoint where to connect to
 * @param directory the pool's runtime directory, which the workers remove when the pool's process has died
 * @param temporary the directory with the temporary directories of workers, removed like the former, or the same
 * @param memory the directory of the memory that pool and workers share, removed like the former, or empty
 * @param classes a directory of classes that pools share, removed like the former, or empty
 * @param parentPid the process id of the pool's process
 * @param parentNamespace where that process id means something, or empty
 */
public record Bootstrap(
        Bytes token,
        String endpoint,
        String directory,
        String temporary,
        String memory,
        String classes,
        long parentPid,
        String parentNamespace) {

    /** Returns the bytes to write. */
    public byte[] toBytes() {
        BytesOut out = new BytesOut(256);
        out.write(token);
        out.writeString(endpoint);
        out.writeString(directory);
        out.writeString(temporary);
        out.writeString(memory);
        out.writeString(classes);
        out.writeLong(parentPid);
        out.writeString(parentNamespace);
        return out.take().toArray();
    }

    /** Reads what {@link #toBytes} returned. */
    public static Bootstrap read(byte[] bytes) throws IOException {
        BytesIn in = Bytes.of(bytes).open();
        Bootstrap bootstrap = new Bootstrap(
                in.readBytes(Message.Hello.TOKEN),
                in.readString(),
                in.readString(),
                in.readString(),
                in.readString(),
                in.readString(),
                in.readLong(),
                in.readString());
        if (in.remaining() > 0) {
            throw new ProtocolException("bootstrap has " + in.remaining() + " bytes too many");
        }
        return bootstrap;
    }
}
