package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Keeps what a channel delivers, and watches that the channel keeps its word. */
final class RecordingListener implements ChannelListener {

    /** Does something with a message before it is kept. */
    interface Reaction {
        void on(Message message) throws ProtocolException, InterruptedException;
    }

    private static final int PATIENCE_SECONDS = 50;

    private final Reaction reaction;
    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger closings = new AtomicInteger();
    private final AtomicInteger late = new AtomicInteger();
    private volatile @Nullable Throwable cause;
    private volatile @Nullable Thread thread;
    private volatile boolean severalThreads;

    RecordingListener() {
        this(message -> {});
    }

    RecordingListener(Reaction reaction) {
        this.reaction = reaction;
    }

    @Override
    public void onMessage(Message message) throws ProtocolException {
        checkThread();
        if (closings.get() > 0) {
            late.incrementAndGet();
        }
        try {
            reaction.on(message);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        messages.add(message);
    }

    @Override
    public void onClosed(@Nullable Throwable newCause) {
        checkThread();
        cause = newCause;
        closings.incrementAndGet();
        closed.countDown();
    }

    /** The same where threads look for messages by themselves, each of which may call the listener. */
    void assertHeardOfOneEndByAnyThread() {
        assertThat(closings.get()).as("calls of onClosed").isEqualTo(1);
        assertThat(late.get()).as("messages after onClosed").isZero();
    }

    private void checkThread() {
        Thread before = thread;
        Thread current = Thread.currentThread();
        thread = current;
        if (before != null && before != current) {
            severalThreads = true;
        }
    }

    /** Returns the thread that it was called by last, or null. */
    @Nullable
    Thread thread() {
        return thread;
    }

    /** Waits for the next message. */
    Message next() throws InterruptedException {
        Message message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(message).as("the next message").isNotNull();
        return message;
    }

    /** Waits for so many messages. */
    List<Message> next(int count) throws InterruptedException {
        List<Message> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(next());
        }
        return list;
    }

    /** Returns the messages that have arrived and were not asked for. */
    List<Message> rest() {
        List<Message> list = new ArrayList<>();
        messages.drainTo(list);
        return list;
    }

    /** Waits until the channel has closed; returns the cause. */
    @Nullable
    Throwable awaitClosed() throws InterruptedException {
        assertThat(closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("closed")
                .isTrue();
        return cause;
    }

    boolean isClosed() {
        return closings.get() > 0;
    }

    /** Checks what must hold for every channel that has ended; when nothing can happen any more. */
    void assertHeardOfOneEnd() {
        assertHeardOfOneEndByAnyThread();
        assertThat(severalThreads).as("called from several threads").isFalse();
    }
}
