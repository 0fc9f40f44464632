package io.processpool.internal.engine;

import io.processpool.MapOptions;
import io.processpool.TaskOutcome;
import io.processpool.TaskSerializationException;
import io.processpool.internal.Shortage;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.scheduler.Chunk;
import io.processpool.internal.scheduler.Ending;
import io.processpool.internal.scheduler.Job;
import io.processpool.internal.wire.FunctionKind;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A job whose items are pulled from a source, by one thread, no further ahead than a window allows. That thread runs the
 * user's iterator and encodes; it is the caller of {@code map}, or a feeder thread of the pool.
 */
abstract class FeedJob extends Job {

    private static final int MAX_WINDOW = 1 << 16;
    private static final int MAX_CHUNK_BYTES = 1 << 18;
    static final long MAX_FILL_NANOS = 500_000;
    private static final int LARGE_ITEM = 1 << 14;

    private static final int LOOK_EVERY = 16;

    /** What {@link #afterChange} returns if there is nothing to do. */
    static final Runnable NOTHING = () -> {};

    /**
     * What every map is made of.
     *
     * @param workers how many workers there are to be
     */
    record Setup(Submitted submitted, JobServices services, MapOptions options, IntSupplier workers) {}

    private final JobServices services;
    private final Tracking tracking;
    private final @Nullable Integer chunkSize;
    private final @Nullable Integer maxInFlight;
    private final IntSupplier workers;
    private final @Nullable ProgressRelay progress;

    /**
     * Guards the fields below and those of the subclasses. Held while progress is handed to its relay, so that progress
     * never goes back when items end on several threads: the relay's monitor, and what its executor locks inside, are the
     * only locks that are taken with it. The pool's is not.
     */
    final ReentrantLock mutex = new ReentrantLock();

    final Condition changed = mutex.newCondition();
    /** How many items were pulled. */
    long fed;
    /** How many of them have ended. */
    long ended;
    /** Nothing more will be pulled, though there may be more. */
    volatile boolean stopped;
    /** Nothing more will be pulled. */
    boolean sourceDone;

    @Nullable
    Throwable sourceFailure;

    private boolean feederWaits;

    /** The pool's thread that feeds, as long as it does; null if a caller feeds, whose interrupts are its own affair. */
    private @Nullable Thread feeder;

    /** Only the feeding thread. */
    private final BytesOut scratch = new BytesOut(256);

    private final Filling filling = new Filling(new Chunks());

    /** Whether the timer will send what is filled. */
    private volatile boolean flushScheduled;

    /** Made before there is no memory left for that. */
    private final Runnable cancelAgain = this::cancelBroken;

    FeedJob(Setup setup) {
        super(
                setup.submitted().id(),
                setup.submitted().function(),
                setup.submitted().settings());
        MapOptions options = setup.options();
        this.tracking = setup.submitted().tracking();
        this.services = setup.services();
        this.chunkSize = options.chunkSize();
        this.maxInFlight = options.maxInFlight();
        this.workers = setup.workers();
        this.progress = options.progress() == null ? null : new ProgressRelay(options.progress(), services.callbacks());
    }

    final JobServices services() {
        return services;
    }

    final Tracking tracking() {
        return tracking;
    }

    /** Returns how many pulled items count against the window; with the mutex held. */
    abstract long outstanding();

    /** Returns how many more items may be pulled for their results not to take too much memory; with the mutex held. */
    long affordable(int workers, int chunk) {
        return Long.MAX_VALUE;
    }

    /** Returns for how many of these to wait at the most; with the mutex held. */
    long affordablePart(int workers, int chunk) {
        return Long.MAX_VALUE;
    }

    /** Returns after how long at the most what was pulled leaves, though the source keeps the feeding thread. */
    abstract long longestFillNanos();

    /** Returns how many items there are, or -1 if only the source knows. */
    long expected() {
        return -1;
    }

    /** Whether it does not matter any more how items end; with the mutex held. */
    boolean isDeaf() {
        return false;
    }

    /** Keeps how consecutive items have ended; with the mutex held. Returns what to do without it. */
    abstract Runnable take(long first, List<Ending> endings);

    /** Something has changed that may have ended the job; with the mutex held. Returns what to do without it. Takes no memory. */
    abstract Runnable afterChange();

    /**
     * Something that is counted has got lost, for want of memory most likely: ends the job with what was thrown, unless it has
     * ended, since nobody else would. Without the mutex.
     */
    abstract void breakOff(Throwable cause);

    @Override
    protected final void ended(long first, List<Ending> endings) {
        Runnable after = NOTHING;
        Throwable lostBy = null;
        mutex.lock();
        try {
            if (isDeaf()) {
                return;
            }
            after = take(first, endings);
            reportProgress();
        } catch (Throwable e) { // of whatever kind: there is no room for the endings, most likely
            lostBy = e;
        } finally {
            mutex.unlock();
        }
        if (lostBy != null) {
            breakOff(lostBy);
        }
        after.run(); // also if something was thrown after it had ended
    }

    /**
     * Pulls the source until it is exhausted or the job is stopped. What the source throws is kept for whoever reads
     * the results.
     *
     * @throws InterruptedException if the feeding thread was interrupted; the job is then stopped
     */
    final void feed(Iterator<?> source) throws InterruptedException {
        Throwable failure = null;
        try {
            pull(source);
        } catch (InterruptedException e) {
            stop();
            throw e;
        } catch (Throwable e) { // of whatever kind: the reader must not take what came before for the whole
            failure = e;
            filling.discard(); // nothing is there, unless there was no memory left to send it
        } finally {
            sourceEnded(failure);
        }
    }

    /**
     * Feeds on a thread of the pool. That is interrupted when the job is stopped, since the source may block: it would
     * keep the thread, and take one more item for nobody.
     */
    final void feedHere(Iterator<?> source) {
        feeder(Thread.currentThread());
        try {
            feed(source);
        } catch (InterruptedException e) {
            return; // the job was stopped, or abandoned with the pool; an executor's thread needs no reminder
        } finally {
            feeder(null);
        }
    }

    private void feeder(@Nullable Thread thread) {
        mutex.lock();
        try {
            feeder = thread;
        } finally {
            mutex.unlock();
        }
        if (thread == null) {
            Thread.interrupted(); // came too late: what the thread does next is another job's
        }
    }

    private void sourceEnded(@Nullable Throwable failure) {
        Runnable after;
        mutex.lock();
        try {
            sourceDone = true;
            sourceFailure = stopped ? null : failure; // of a job that was stopped, nobody waits for the source
            after = afterChange();
            changed.signalAll();
        } finally {
            mutex.unlock();
        }
        after.run();
    }

    private void pull(Iterator<?> source) throws InterruptedException {
        int room = awaitRoom();
        while (room > 0 && source.hasNext()) {
            fill(source, Math.min(room, wantedChunk()));
            room = awaitRoom();
        }
    }

    /** Makes one chunk of up to so many items, or less if the source is slow or the items are large. */
    private void fill(Iterator<?> source, int wanted) {
        long until = System.nanoTime() + MAX_FILL_NANOS;
        int pulled = 0;
        try {
            do {
                Object item = source.next();
                pulled++;
                add(item, pulled < wanted);
            } while (pulled < wanted && !stopped && !full(until, pulled) && source.hasNext());
        } finally {
            submitFilled();
        }
    }

    /** Whether it is time to send what was pulled. When many came quickly, it does not look at the clock for each. */
    private boolean full(long until, int pulled) {
        boolean looks = pulled < LOOK_EVERY || pulled % LOOK_EVERY == 0;
        return chunkSize == null && looks && System.nanoTime() - until > 0;
    }

    private void add(@Nullable Object item, boolean moreWanted) {
        int bytes = function().kind() == FunctionKind.BIFUNCTION ? -1 : filling.addScalar(item);
        if (bytes < 0) {
            addEncoded(item, moreWanted);
        } else {
            added(bytes, moreWanted);
        }
    }

    private void addEncoded(@Nullable Object item, boolean moreWanted) {
        try {
            services.encoder().encode(function().kind(), item, scratch);
        } catch (TaskSerializationException | NullPointerException e) {
            scratch.truncate(0);
            submitFilled();
            endHere(e);
            return;
        }
        if (scratch.length() >= LARGE_ITEM) {
            submitFilled();
            submitAlone(ItemEncoder.framed(scratch.take()));
            return;
        }
        added(filling.add(scratch), moreWanted);
    }

    /** Items are here, so many bytes. */
    private void added(int bytes, boolean moreWanted) {
        if (bytes >= MAX_CHUNK_BYTES) {
            submitFilled();
        } else if (moreWanted && chunkSize == null && !flushScheduled) { // looks after it has added, unlike the timer
            flushScheduled = true;
            services.timer()
                    .schedule(this::flushOverdue, longestFillNanos(), TimeUnit.NANOSECONDS); // if not, the source ends
        }
    }

    /** The source may be keeping the feeding thread: what it has yielded so far does not wait for more. */
    private void flushOverdue() {
        flushScheduled = false;
        submitMeanwhile();
    }

    /** Sends what is filled; by the feeding thread. */
    private void submitFilled() {
        submit(filling.take());
    }

    /** Sends what is filled at this moment; by any other thread. */
    final void submitMeanwhile() {
        try {
            submit(filling.takeMeanwhile());
        } catch (OutOfMemoryError e) { // the feeding thread may not come for a long time
            breakOff(e);
        }
    }

    private void submit(@Nullable Chunk chunk) {
        if (chunk == null) {
            return;
        }
        try {
            services.scheduler().feed(chunk);
        } catch (Throwable e) { // of whatever kind: the items are counted, and may not have been taken
            breakOff(e);
        }
    }

    private void submitAlone(Bytes item) {
        long index = count(1);
        try {
            services.scheduler().feed(Chunk.single(this, index, item));
        } catch (Throwable e) { // as above
            breakOff(e);
        }
    }

    /** Tells how many items have ended; with the mutex held. */
    private void reportProgress() {
        if (progress != null) {
            try {
                progress.report(ended, sourceDone ? fed : expected());
            } catch (OutOfMemoryError e) {
                // the next report says more, and the map itself must not get stuck
            }
        }
    }

    /** Whether everything that was pulled has ended; with the mutex held. */
    final boolean allEnded() {
        return filling.isEmpty() && ended == fed;
    }

    /** An item that cannot travel ends where it is. */
    private void endHere(RuntimeException cause) {
        long index = count(1);
        try {
            String message = describe(index) + ": " + cause.getMessage()
                    + services.decoder().suffix();
            Ending ending = new Ending.Failed(
                    TaskOutcome.FAILURE, () -> new TaskSerializationException(message, cause.getCause()));
            services.scheduler().endHere(this, index, ending);
        } catch (Throwable e) { // as above
            breakOff(e);
        }
    }

    /** Counts items as pulled; returns the index of the first. */
    private long count(int items) {
        mutex.lock();
        try {
            long first = fed;
            fed += items;
            return first;
        } finally {
            mutex.unlock();
        }
    }

    /** What becomes of the items that are filled. */
    private final class Chunks implements Filling.Owner {
        @Override
        public Chunk chunk(int count, Bytes items, int[] itemEnds) {
            mutex.lock();
            try {
                Chunk chunk = Chunk.of(FeedJob.this, fed, count, items, itemEnds, chunkSize != null);
                fed += count;
                return chunk;
            } finally {
                mutex.unlock();
            }
        }
    }

    /** Returns how many items are to travel together. */
    private int wantedChunk() {
        if (chunkSize != null) {
            return chunkSize;
        }
        int measured = function().estimate().batchSize();
        // A part of the window at a time, so that there is work under way while the consumer takes results.
        return maxInFlight == null ? measured : Math.min(measured, Math.max(1, maxInFlight / 4));
    }

    private int window(int workers, int chunk) {
        if (maxInFlight != null) {
            return maxInFlight;
        }
        return (int) Math.min(4L * workers * chunk, Math.max(MAX_WINDOW, chunk));
    }

    /** Waits until a chunk may be pulled; returns how many items, or 0 if the job is stopped. */
    private int awaitRoom() throws InterruptedException {
        mutex.lock();
        try {
            while (!stopped) {
                int room = room();
                if (room > 0) {
                    return room;
                }
                feederWaits = true;
                changed.await();
            }
            return 0;
        } finally {
            feederWaits = false;
            mutex.unlock();
        }
    }

    /**
     * Returns how many items may be pulled, or 0 as long as it is not worth it; with the mutex held. The number of workers and
     * the size of a chunk change at any time: when nothing is on its way any more, it takes the same of both for there to be room.
     */
    private int room() {
        int workersNow = workers.getAsInt();
        int chunk = wantedChunk();
        int window = window(workersNow, chunk);
        long room = Math.min(window - outstanding(), affordable(workersNow, chunk));
        long enough = Math.min(Math.min(chunk, window), affordablePart(workersNow, chunk));
        return room >= enough ? (int) room : 0;
    }

    /** Wakes the feeding thread if it waits for room and there is enough; with the mutex held. */
    final void signalRoom() {
        if (feederWaits && room() > 0) {
            changed.signalAll();
        }
    }

    /** Cancels the rest of a job that was broken off. There may be no memory even for that: then it is tried again. */
    final void cancelBroken() {
        try {
            services.scheduler().cancel(this, true);
        } catch (OutOfMemoryError e) {
            services.timer().schedule(cancelAgain, Shortage.PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Pulls nothing more. */
    final void stop() {
        mutex.lock();
        try {
            stopFeeding();
        } finally {
            mutex.unlock();
        }
    }

    /** Pulls nothing more; with the mutex held. */
    final void stopFeeding() {
        stopped = true;
        changed.signalAll();
        if (feeder != null && !sourceDone) {
            feeder.interrupt();
        }
    }
}
