package io.processpool;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.transport.Endpoint;
import io.processpool.internal.wire.Bootstrap;
import io.processpool.internal.wire.Frame;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.Messages;
import io.processpool.internal.wire.ResultRecord;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * A task that has taken over its worker: it speaks to the pool in the worker's place, with the worker's own connection, token
 * and files. All methods are for tasks, and reach into the worker by reflection as code of an attacker would.
 */
final class Hostile {

    private Hostile() {}

    static Object field(Object owner, String name) {
        for (Class<?> type = owner.getClass(); type != null; type = type.getSuperclass()) {
            try {
                Field field = type.getDeclaredField(name);
                field.setAccessible(true);
                return field.get(owner);
            } catch (NoSuchFieldException e) {
                continue;
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
        }
        throw new AssertionError(owner.getClass() + " has no field " + name);
    }

    private static Channel channel() {
        return (Channel) field(WorkerContext.current(), "channel");
    }

    static Bootstrap bootstrap() {
        Object session = field(channel(), "listener");
        return (Bootstrap) field(field(session, "host"), "bootstrap");
    }

    /** Returns the file in which the worker notes what it does. */
    static Path recorder() {
        WorkerContext context = WorkerContext.current();
        return Path.of(bootstrap().directory(), "worker-" + context.workerId() + "-" + context.generation() + ".rec");
    }

    private static long current() {
        Object running = field(WorkerContext.current(), "running");
        try {
            var method = running.getClass().getDeclaredMethod("current");
            method.setAccessible(true);
            return (long) method.invoke(running);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    static int batch() {
        return (int) (current() >>> 32);
    }

    static int index() {
        return (int) current();
    }

    static void send(Message message) {
        channel().send(message);
    }

    /** Claims that an item has ended. */
    static void result(int batch, int index, ItemStatus status, byte[] payload) {
        BytesOut out = new BytesOut();
        ResultRecord.writeHead(out, batch, index, status, 1000, payload.length);
        out.write(payload, 0, payload.length);
        send(new Message.Results(out.take()));
    }

    /** Claims that the running item has ended so. */
    static void result(ItemStatus status, byte[] payload) {
        result(batch(), index(), status, payload);
    }

    static byte[] encoded(Object value) {
        BytesOut out = new BytesOut();
        new ValueCodec(null).encode(value, out, "result");
        return out.take().toArray();
    }

    /** Has the worker forget the batch that runs, so that it does not answer when the pool wants items of it back. */
    static void ignoreRecalls() {
        Object session = field(channel(), "listener");
        ((Map<?, ?>) field(session, "batches")).remove(batch());
    }

    /** Connects once more with the token, and returns what comes back, -1 for the end of the connection. */
    static int connectAgain(byte[] token) throws IOException {
        try (SocketChannel socket = Endpoint.connect(bootstrap().endpoint())) {
            Message hello = new Message.Hello(Bytes.of(token));
            byte[] frame = new byte[Frame.HEADER + token.length];
            Frame.putHeader(frame, 0, Messages.type(hello), false, token.length);
            System.arraycopy(token, 0, frame, Frame.HEADER, token.length);
            socket.write(ByteBuffer.wrap(frame));
            return socket.read(ByteBuffer.allocate(100));
        }
    }

    static byte[] token() {
        return bootstrap().token().toArray();
    }

    /** Reads no more of what the pool sends. */
    static void stopReading() {
        ((SelectionKey) field(field(channel(), "outlet"), "key")).interestOps(0);
    }

    /** Does nothing more, whatever the pool wishes. */
    static <R> R waitForTheEnd() {
        while (true) {
            LockSupport.park();
        }
    }
}
