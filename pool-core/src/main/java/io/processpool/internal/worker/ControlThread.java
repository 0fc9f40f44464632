package io.processpool.internal.worker;

import io.processpool.RemoteException;
import io.processpool.internal.ThreadNames;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.FailureCodec;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.Message;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Looks at stacks and interrupts, which may take a moment, on a thread that exists only while it is needed. */
final class ControlThread {

    private final Channel channel;
    private final RunningItem running;
    private final ThreadPoolExecutor executor;

    ControlThread(Channel channel, RunningItem running, String poolName) {
        this.channel = channel;
        this.running = running;
        this.executor = new ThreadPoolExecutor(1, 1, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), command -> {
            Thread thread = new Thread(command, ThreadNames.of(poolName, "control"));
            thread.setDaemon(true);
            return thread;
        });
        executor.allowCoreThreadTimeOut(true);
    }

    /** Sends the stack of an item, then interrupts it if asked to. */
    void stack(int batch, int index, boolean interrupt) {
        executor.execute(() -> {
            StackTraceElement[] stack = running.stack(batch, index);
            BytesOut out = new BytesOut(1024);
            if (stack.length > 0) {
                FailureCodec.encode(new RemoteException("stack", "the task was here", stack, null), out);
            }
            channel.send(new Message.Stack(batch, index, out.take()));
            if (interrupt) {
                running.interrupt(batch, index);
            }
        });
    }

    /** Ends the thread. */
    void close() {
        executor.shutdownNow();
    }

    /** Sends the stacks of all threads. */
    void dump(long nonce) {
        executor.execute(() -> channel.send(new Message.Dump(nonce, ThreadDumps.ofAllThreads())));
    }
}
