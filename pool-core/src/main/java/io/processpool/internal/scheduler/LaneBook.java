package io.processpool.internal.scheduler;

import io.processpool.LossReason;
import io.processpool.TaskOutcome;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.codec.Scalars;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.ResultCursor;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Books what comes from workers: results, items that they give back, progress. Takes the lock. */
final class LaneBook {

    /** An item tells twice at the most that it begins; a worker that goes on with that wants it never to time out. */
    private static final int MAX_STARTS = 2;

    /** How long an item can have taken, whatever its worker says, so that sums do not overflow. */
    static final long LONGEST_BOOKED_NANOS = 86_400_000_000_000L;

    private final Ledger ledger;
    private final Deadlines deadlines;

    LaneBook(Ledger ledger, Deadlines deadlines) {
        this.ledger = ledger;
        this.deadlines = deadlines;
    }

    /** A worker takes items from now on. */
    void open(Lane lane) {
        ledger.locked(effects -> {
            ledger.outage = null;
            ledger.dispatcher.open(lane, ledger.clock.now());
            ledger.dispatch(effects);
        });
    }

    /** A worker gets no more items, and gives back what it has not begun; returns whether it has nothing in flight. */
    boolean drain(Lane lane) {
        return ledger.lockedFor(effects -> {
            ledger.dispatcher.close(lane);
            ledger.dispatcher.recall(lane, effects);
            return lane.idle();
        });
    }

    /** Results have arrived. */
    void results(Lane lane, Bytes records) throws ProtocolException {
        Effects effects = new Effects();
        ledger.lock.lock();
        try {
            if (lane.lost) {
                return;
            }
            apply(lane, records, effects);
            ledger.dispatch(effects);
        } catch (Throwable e) { // of whatever kind: the records are gone, and the worker may go on for a moment
            lane.misheard = true;
            throw e;
        } finally {
            ledger.lock.unlock();
            effects.run(); // also if a record makes no sense: those before it are booked
        }
    }

    private void apply(Lane lane, Bytes records, Effects effects) throws ProtocolException {
        if (records.length() == 0) { // it would put off the time-out of what runs
            throw new ProtocolException("results without a record (" + lane.where() + ")");
        }
        boolean wasBusy = !lane.idle();
        Learning learning = new Learning();
        try {
            ResultCursor cursor = new ResultCursor(records);
            while (cursor.next()) {
                Batch batch = lane.current();
                if (batch == null || batch.id != cursor.batch() || batch.done != cursor.index()) {
                    throw new ProtocolException("result of batch " + cursor.batch() + ", item " + cursor.index()
                            + ", which does not run (" + lane.where() + ")");
                }
                if (cursor.status() == ItemStatus.RUN) {
                    runEnded(lane, batch, cursor, learning, effects);
                    continue;
                }
                long nanos = Math.min(cursor.nanos(), LONGEST_BOOKED_NANOS);
                if (cursor.status() != ItemStatus.SKIPPED) {
                    learning.add(batch.job().function().estimate(), nanos, 1);
                } else if (!mayBeSkipped(batch)) {
                    throw new ProtocolException("skipped item " + cursor.index() + " of batch " + cursor.batch()
                            + ", which is wanted (" + lane.where() + ")");
                }
                itemEnded(lane, batch, nanos, ending(lane, cursor), effects);
            }
        } catch (ProtocolException e) {
            throw e;
        } catch (IOException e) {
            throw new ProtocolException("results cannot be read: " + e.getMessage());
        } finally {
            learning.finish();
        }
        if (wasBusy) {
            nextItem(lane, effects);
        }
    }

    /** Books items in a row that have returned scalars: at once, if it makes no difference to anybody. */
    private void runEnded(Lane lane, Batch batch, ResultCursor run, Learning learning, Effects effects)
            throws IOException {
        if (run.length() > mostBytes(batch, batch.done)) { // before anything is made of them
            throw new ProtocolException(run.length() + " bytes of results from item " + run.index() + " of batch "
                    + batch.id + " on, which has " + batch.limit + " items (" + lane.where() + ")");
        }
        Scalars values = Scalars.read(run.in(), run.length());
        int count = values.size();
        if (count == 0 || count > batch.limit - batch.done) {
            throw new ProtocolException(count + " results from item " + run.index() + " of batch " + batch.id
                    + " on, which has " + batch.limit + " items (" + lane.where() + ")");
        }
        learning.add(batch.job().function().estimate(), run.nanos(), count);
        Job job = batch.job();
        if (job.single() || job.cancelled || batch.settled != null || ledger.events.observed()) {
            for (int i = 0; i < count; i++) {
                itemEnded(lane, batch, nanosOfEach(run.nanos(), count), new Ending.Scalar(values.get(i)), effects);
            }
            return;
        }
        ledger.end(job, batch.jobIndex(batch.done), new ScalarRun(values), effects);
        leave(lane, batch, count);
    }

    /** Returns how many bytes the results of a batch can have, from an item on, if all of them are scalars. */
    static long mostBytes(Batch batch, int from) {
        return (long) (batch.limit - from) * ValueCodec.MAX_SCALAR;
    }

    static long nanosOfEach(long nanosOfAll, int count) {
        return Math.min(nanosOfAll, LONGEST_BOOKED_NANOS) / count;
    }

    /** A worker skips only what it was told to stop. */
    static boolean mayBeSkipped(Batch batch) {
        return batch.job().cancelled || batch.isSettled(batch.done);
    }

    /** Gathers what is learnt of one function from consecutive items. */
    private static final class Learning {
        private @Nullable DurationEstimate estimate;
        private long nanos;
        private int items;

        void add(DurationEstimate of, long nanosOfAll, int count) {
            if (estimate != of) {
                finish();
                estimate = of;
            }
            nanos += Math.min(nanosOfAll, DurationEstimate.LONGEST_LEARNT_NANOS);
            items += count;
        }

        void finish() {
            if (estimate != null && items > 0) {
                estimate.learn(nanos, items);
            }
            nanos = 0;
            items = 0;
        }
    }

    /** The item that was running has ended; another one runs, or none. */
    private void nextItem(Lane lane, Effects effects) {
        lane.currentSince = ledger.clock.now();
        lane.starts = 0;
        lane.slowLogged = false;
        lane.lookedLate = false;
        lane.slowAsked = false;
        lane.stopSent = false;
        lane.startObserved = false;
        ledger.clock.itemStarted(lane);
        if (lane.idle()) {
            becameIdle(lane, effects);
        } else {
            stopIfCancelled(lane, effects);
            if (!Objects.requireNonNull(lane.current(), "current").recallSent) {
                ledger.observeStarted(lane); // else it may come back, and is told when it ends
            }
        }
    }

    private void becameIdle(Lane lane, Effects effects) {
        ledger.dispatcher.idle(lane);
        if (!lane.open || ledger.events.tracksIdleness()) {
            effects.then(() -> ledger.events.laneIdle(lane));
        }
    }

    /** Sees to the running item of a lane if its job is cancelled. */
    void stopIfCancelled(Lane lane, Effects effects) {
        Batch batch = lane.current();
        if (batch == null || !batch.job().cancelled) {
            return;
        }
        if (ledger.drop(batch, batch.done, TaskOutcome.CANCELLED)) {
            lane.slowAsked = false;
        }
        if (batch.job().interrupt && !lane.stopSent) {
            ledger.stopItem(lane, batch, LossReason.TASK_CANCELLED, effects);
        }
    }

    /** The running item of a lane has ended. */
    void itemEnded(Lane lane, Batch batch, long nanos, Ending ending, Effects effects) {
        int index = batch.done;
        Job job = batch.job();
        ledger.observeStarted(lane);
        if (batch.isSettled(index)) {
            leave(lane, batch, 1);
            deadlines.timedOut(lane, null, effects);
        } else if (job.cancelled) {
            leave(lane, batch, 1);
            ledger.drop(job, batch.jobIndex(index), TaskOutcome.CANCELLED);
        } else { // it leaves when it is certain that its ending will be told
            long place = batch.jobIndex(index);
            ledger.end(job, place, job.accept(place, ending), nanos, effects);
            leave(lane, batch, 1);
        }
    }

    /** The next items of a lane's first batch are not there any more. Takes no memory. */
    private static void leave(Lane lane, Batch batch, int count) {
        lane.release(batch, count);
        lane.tasksEnded += count;
        lane.startObserved = false;
        batch.onItsWay = false;
        batch.unread = false;
        batch.done += count;
        if (batch.finished()) {
            lane.inFlight.pollFirst();
        }
    }

    private Ending ending(Lane lane, ResultCursor result) throws IOException {
        if (result.status() == ItemStatus.VALUE) {
            Object scalar = ValueCodec.decodeScalar(result.in(), result.length());
            if (scalar != ValueCodec.NO_SCALAR) {
                return new Ending.Scalar(scalar);
            }
        }
        return ending(lane, result.status(), result.payload());
    }

    /** Returns how an item has ended of which the worker says this. */
    Ending ending(Lane lane, ItemStatus status, Bytes payload) {
        return switch (status) {
            case VALUE ->
                ledger.events.distrustsWorkers() ? new Ending.Suspect(payload, lane) : new Ending.Value(payload);
            case SKIPPED -> new Ending.Cancelled();
            default -> new Ending.Thrown(status, payload, lane);
        };
    }

    /** A worker has an item that took a while to arrive, or has decoded it: its time counts from now on. */
    void started(Lane lane, Message.Started started) {
        ledger.locked(effects -> {
            Batch batch = lane.find(started.batch());
            if (batch == null) {
                return;
            }
            batch.onItsWay = false;
            batch.unread = false;
            if (lane.current() == batch && batch.done == started.index() && ++lane.starts <= MAX_STARTS) {
                lane.currentSince = ledger.clock.now();
                ledger.clock.itemStarted(lane);
            } // else the results before it are not here yet; when they come, it begins for us
        });
    }

    /** A worker gives back what it has not begun. */
    void returned(Lane lane, Message.Returned message) throws ProtocolException {
        Effects effects = new Effects();
        ledger.lock.lock();
        try {
            Batch batch = lane.find(message.batch());
            if (batch == null) {
                return; // it had ended before the recall arrived, or the lane is lost
            }
            if (message.from() < batch.done || message.from() > batch.limit) {
                throw new ProtocolException("items from " + message.from() + " on returned, of " + batch.limit);
            }
            if (!batch.recallSent) {
                throw new ProtocolException("items of batch " + batch.id + " returned unasked (" + lane.where() + ")");
            }
            batch.recallAnswered = true;
            boolean current = lane.current() == batch;
            ledger.takeBack(lane, batch, message.from(), false);
            if (batch.finished()) {
                lane.inFlight.remove(batch);
                if (current) {
                    nextItem(lane, effects);
                    ledger.dispatcher.passedOn(lane);
                }
            }
            endUnbegun(lane, batch, message.from(), effects); // now that it is not what the lane runs
            ledger.dispatch(effects);
        } finally {
            ledger.lock.unlock();
            effects.run();
        }
    }

    /** An item that was thought to run, and has timed out, comes back unbegun: it has no stack, so nobody waits for that. */
    private void endUnbegun(Lane lane, Batch batch, int from, Effects effects) {
        TimeoutNotice notice = lane.timeoutNotice;
        if (notice != null && notice.batch() == batch && notice.index() >= from) {
            deadlines.timedOut(lane, null, effects);
        }
    }

    /** A running item tells how far it is. */
    void progress(Lane lane, Message.Progress progress) {
        ledger.locked(effects -> {
            Batch batch = lane.find(progress.batch());
            if (batch == null || batch.job().cancelled || batch.job().closed) {
                return;
            }
            int item = progress.index();
            if (item < batch.done || item >= batch.limit || batch.isSettled(item)) {
                return; // it has ended, in the worker or for the job, or was never there
            }
            Job job = batch.job();
            long index = batch.jobIndex(item);
            effects.then(() -> job.progressed(index, progress.done(), progress.total()));
            if (ledger.events.observed()) {
                ledger.events.taskProgress(job, index, progress.done(), progress.total());
            }
        });
    }
}
