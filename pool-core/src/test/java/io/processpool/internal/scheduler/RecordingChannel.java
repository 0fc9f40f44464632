package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.Message;
import io.processpool.testing.Scarcity;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** A channel whose other end is a test. What was put in line and never flushed does not arrive. */
final class RecordingChannel implements Channel {

    private final ReentrantLock lock;
    private final List<Message> line = new ArrayList<>();
    private final List<Message> arrived = new ArrayList<>();

    private final Scarcity memory = new Scarcity();
    private int drainsAwaited;
    private boolean clogged;

    RecordingChannel(ReentrantLock lock) {
        this.lock = lock;
    }

    @Override
    public void enqueue(Message message) {
        assertThat(lock.isHeldByCurrentThread())
                .as("enqueued under the lock, for the order")
                .isTrue();
        memory.take();
        line.add(message);
    }

    /** Returns what it takes to put a message in line. */
    Scarcity memory() {
        return memory;
    }

    @Override
    public boolean flush() {
        assertThat(lock.isHeldByCurrentThread()).as("I/O under the lock").isFalse();
        arrived.addAll(line);
        line.clear();
        return !clogged;
    }

    /** Whether some of what was sent does not get through, as far as the sender can see. */
    void clog(boolean on) {
        clogged = on;
    }

    /** Returns what has arrived since the last call. */
    List<Message> take() {
        assertThat(line).as("put in line and never flushed").isEmpty();
        List<Message> taken = List.copyOf(arrived);
        arrived.clear();
        return taken;
    }

    /** Returns how often somebody has waited until all was sent. */
    int drainsAwaited() {
        return drainsAwaited;
    }

    @Override
    public boolean awaitDrained() {
        assertThat(lock.isHeldByCurrentThread()).as("waits under the lock").isFalse();
        drainsAwaited++;
        return true;
    }

    @Override
    public void close() {
        throw new AssertionError("the scheduler does not own the channel");
    }
}
