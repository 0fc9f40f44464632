package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An {@link IoLoop} with the thread that runs it. */
final class RunningLoop {

    private static final long PATIENCE_MILLIS = 30_000;

    private final IoLoop loop;
    private final Thread thread;
    private volatile @Nullable Throwable failure;

    RunningLoop() throws IOException {
        loop = new IoLoop();
        thread = new Thread(loop, "test-io-loop");
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((where, e) -> failure = e);
        thread.start();
    }

    IoLoop loop() {
        return loop;
    }

    Thread thread() {
        return thread;
    }

    /** Something that may fail. */
    interface Action {
        void run() throws Exception;
    }

    /** Does something on the loop's thread, and waits for it. */
    void on(Action action) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                action.run();
                done.complete(null);
            } catch (Exception | AssertionError e) {
                done.completeExceptionally(e);
            }
        });
        done.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Waits until the loop has served what its sockets held when this was called. */
    void awaitRest() throws Exception {
        on(() -> {}); // the loop looks at its sockets after this one,
        on(() -> {}); // and has looked before this one
    }

    /** Makes a connection that works. */
    SocketConnection connect(SocketChannel socket, ChannelListener listener) throws Exception {
        SocketConnection connection = new SocketConnection(socket, loop, listener);
        on(connection::start);
        return connection;
    }

    /** Makes a connection to somebody who may send only so much. */
    SocketConnection connectStranger(SocketChannel socket, ChannelListener listener, int limit) throws Exception {
        SocketConnection connection = new SocketConnection(socket, loop, listener, limit);
        on(connection::start);
        return connection;
    }

    /** Ends the loop and waits for its thread. */
    void stop() throws InterruptedException {
        loop.close();
        thread.join(PATIENCE_MILLIS);
        assertThat(thread.isAlive()).as("the loop's thread is alive").isFalse();
    }

    /** Ends the loop, which must have lived until now. */
    void close() throws InterruptedException {
        stop();
        assertThat(failure).as("what ended the loop's thread").isNull();
    }
}
