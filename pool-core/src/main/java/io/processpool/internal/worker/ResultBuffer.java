package io.processpool.internal.worker;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.FlightRecorder;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ResultRecord;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the results of quick items and sends them together. A result waits here for half a millisecond at the most,
 * even if the next item takes long: then a thread of this class sends it. Whatever waits is also in the
 * {@link FlightRecorder}; without a recorder nothing waits.
 */
final class ResultBuffer {

    private static final long MAX_WAIT_NANOS = 500_000;
    private static final long SLOW_NANOS = MAX_WAIT_NANOS / 2;
    private static final int MAX_PENDING = FlightRecorder.CAPACITY / 2;

    /** A result of this size leaves at once, without being copied. */
    private static final int LARGE = 1 << 14;

    /** How many rounds the sender keeps looking after there was nothing to send. */
    private static final int IDLE_ROUNDS = 4;

    private final Channel channel;
    private final @Nullable FlightRecorder recorder;
    private final String senderName;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final BytesOut pending = new BytesOut(4096);
    private long pendingSince;
    private @Nullable Thread sender;
    private boolean senderAwake;

    ResultBuffer(Channel channel, @Nullable FlightRecorder recorder, String senderName) {
        this.channel = channel;
        this.recorder = recorder;
        this.senderName = senderName;
    }

    /** Notes that an item begins. */
    void started(int batch, int index) {
        if (recorder != null) {
            recorder.started(batch, index);
        }
    }

    /**
     * Takes the end of an item; from here on it is safe from the death of this process.
     *
     * @param startedAt when it began, by {@link System#nanoTime()}
     * @param payload what belongs to the status; is empty afterwards
     * @return the time now
     */
    long add(int batch, int index, ItemStatus status, long startedAt, BytesOut payload, boolean moreToCome) {
        long now = System.nanoTime();
        lock.lock();
        try {
            long before = pending.length();
            if (before == 0) {
                pendingSince = now;
            }
            ResultRecord.writeHead(pending, batch, index, status, now - startedAt, payload.length());
            if (payload.length() >= LARGE) {
                send(Bytes.concat(List.of(pending.take(), payload.take())));
                return System.nanoTime();
            }
            payload.moveTo(pending);
            boolean kept = keep((int) (pending.length() - before));
            boolean slow = now - startedAt >= SLOW_NANOS; // the next most likely is as well, and this would wait for it
            if (kept && moreToCome && !slow && now - pendingSince < MAX_WAIT_NANOS && pending.length() < MAX_PENDING) {
                if (!senderAwake) {
                    wakeSender();
                }
                return now;
            }
            flushLocked();
            return System.nanoTime();
        } finally {
            lock.unlock();
        }
    }

    private boolean keep(int length) {
        return recorder != null && recorder.keep(pending.reserve(0), pending.position() - length, length);
    }

    private void forget() {
        if (recorder != null) {
            recorder.clear();
        }
    }

    /** Goes through the motions of {@link #add} while nothing waits; the payload is empty afterwards. */
    void rehearse(ItemStatus status, BytesOut payload) {
        lock.lock();
        try {
            if (pending.length() == 0) {
                ResultRecord.writeHead(pending, 0, 0, status, 0, payload.length());
                payload.moveTo(pending);
                keep((int) pending.length());
                forget();
                pending.truncate(0);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sends what waits. */
    void flush() {
        lock.lock();
        try {
            flushLocked();
        } finally {
            lock.unlock();
        }
    }

    private void flushLocked() {
        if (pending.length() == 0) {
            return;
        }
        send(pending.take());
    }

    private void send(Bytes records) {
        channel.enqueue(new Message.Results(records));
        if (!channel.flush()) {
            channel.awaitDrained();
        }
        forget();
    }

    private void wakeSender() {
        senderAwake = true;
        if (sender == null) {
            sender = new Thread(this::sendOverdue, senderName);
            sender.setDaemon(true);
            sender.start();
        } else {
            LockSupport.unpark(sender);
        }
    }

    /** The sender's life: asleep while results leave by themselves, else looking every now and then. */
    private void sendOverdue() {
        int idleRounds = 0;
        while (true) {
            LockSupport.parkNanos(this, MAX_WAIT_NANOS);
            lock.lock();
            try {
                if (pending.length() > 0) {
                    idleRounds = 0;
                    if (System.nanoTime() - pendingSince >= MAX_WAIT_NANOS) {
                        flushLocked();
                    }
                } else if (++idleRounds > IDLE_ROUNDS) {
                    senderAwake = false;
                }
                if (senderAwake) {
                    continue;
                }
            } finally {
                lock.unlock();
            }
            idleRounds = 0;
            parkUntilWoken();
        }
    }

    private void parkUntilWoken() {
        while (true) {
            lock.lock();
            try {
                if (senderAwake) {
                    return;
                }
            } finally {
                lock.unlock();
            }
            LockSupport.park(this);
        }
    }
}
