package io.processpool.internal.worker;

import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;

/**
 * Loads, beside the main thread, what that will need in a moment. On a machine with a free core a worker is ready some
 * 20 ms sooner: the JDK's Unix sockets alone set up a random number generator when they are first used.
 */
final class Preload {

    private Preload() {}

    /** Starts a thread that ends by itself. Nothing depends on it. */
    static void start() {
        Thread thread = new Thread("processpool-preload") {
            @Override
            public void run() {
                load();
            }
        };
        thread.setDaemon(true);
        thread.start();
    }

    private static void load() {
        try {
            SocketChannel.open(StandardProtocolFamily.UNIX).close();
            for (String name : new String[] {
                "io.processpool.internal.worker.TaskRunner",
                "io.processpool.internal.worker.ResultBuffer",
                "io.processpool.internal.wire.FlightRecorder",
                "io.processpool.internal.codec.ValueCodec",
                "io.processpool.internal.codec.FunctionCodec",
                "java.lang.invoke.SerializedLambda"
            }) {
                Class.forName(name);
            }
        } catch (Exception | LinkageError e) {
            return; // the main thread will meet the same, and tell
        }
    }
}
