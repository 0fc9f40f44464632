package io.processpool.internal.scheduler;

import io.processpool.ProcessPoolException;
import io.processpool.TaskOutcome;
import io.processpool.internal.codec.Scalars;
import io.processpool.internal.wire.FlightRecorder;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.ResultRecord;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Books the loss of workers: what they had finished counts, what they had begun fails, or is tried once more if that is
 * allowed, and what they had not begun goes back to the queue. Takes the lock.
 *
 * <p>All that is in a worker's hands is in its lane, in the order in which it runs. What it began last is known of its flight
 * recorder. Everything before that has been begun as well: most often its end has been heard or is recorded; but what was sent
 * when there was no memory to book it, say, is neither. It fails with what was running.
 */
final class Losses {

    /** After so many workers have died with an item before they began it, it is taken to be the cause. */
    private static final int MAX_SUSPICIONS = 3;

    private final Ledger ledger;
    private final Deadlines deadlines;
    private final LaneBook lanes;

    Losses(Ledger ledger, Deadlines deadlines, LaneBook lanes) {
        this.ledger = ledger;
        this.deadlines = deadlines;
        this.lanes = lanes;
    }

    /** A worker may have said more than could be heard, or left more than can be read. */
    void misheard(Lane lane) {
        ledger.locked(effects -> lane.misheard = true);
    }

    /**
     * A worker is gone; returns the item that it was running, if its ending is not decided. May be called again, and does then
     * what was not done the first time: nothing, unless that has failed, for want of memory say. What the worker had in its
     * hands remains there until somebody else has it.
     */
    @Nullable
    Casualty lost(Lane lane, FlightRecorder.@Nullable Contents contents) {
        return ledger.<@Nullable Casualty>lockedFor(effects -> {
            lane.lost = true;
            ledger.dispatcher.remove(lane);
            noteBegun(lane, contents);
            if (contents != null) {
                applyRecorded(lane, contents.finished(), effects);
            }
            deadlines.timedOut(lane, null, effects);
            requeue(lane);
            Casualty casualty = decide(lane);
            ledger.dispatch(effects);
            return casualty;
        });
    }

    /**
     * Notes what a lost worker had begun; the first that is known of it counts. Without a recorder every result is sent before
     * the next item begins, so the first unfinished one was running, unless not all was heard.
     */
    private static void noteBegun(Lane lane, FlightRecorder.@Nullable Contents contents) {
        if (lane.begunKnown || lane.idle()) {
            return;
        }
        if (contents != null) {
            Batch last = contents.started() ? lane.find(contents.batch()) : null;
            if (last != null && contents.index() >= 0) {
                begunUpTo(lane, last, Math.min(contents.index(), last.limit - 1) + 1);
            }
        } else if (lane.misheard) {
            Batch last = lane.inFlight.getLast();
            begunUpTo(lane, last, last.limit);
        } else {
            Batch current = lane.inFlight.getFirst();
            begunUpTo(lane, current, current.done + 1);
        }
        lane.begunKnown = true;
    }

    /** All batches before one have been begun, and so many items of that. */
    private static void begunUpTo(Lane lane, Batch last, int items) {
        for (Batch batch : lane.inFlight) {
            batch.begun = batch == last ? items : batch.limit;
            if (batch == last) {
                return;
            }
        }
    }

    /** Books what the flight recorder of a lost worker held, except what had arrived before. */
    private void applyRecorded(Lane lane, List<ResultRecord> records, Effects effects) {
        for (ResultRecord record : records) {
            if (record.status() == ItemStatus.RUN) {
                applyRecordedRun(lane, record, effects);
                continue;
            }
            Batch batch = lane.current();
            if (batch != null
                    && batch.id == record.batch()
                    && batch.done == record.index()
                    && (record.status() != ItemStatus.SKIPPED || LaneBook.mayBeSkipped(batch))) {
                long nanos = Math.min(record.nanos(), LaneBook.LONGEST_BOOKED_NANOS);
                lanes.itemEnded(lane, batch, nanos, lanes.ending(lane, record.status(), record.payload()), effects);
            }
        }
    }

    private void applyRecordedRun(Lane lane, ResultRecord run, Effects effects) {
        Batch of = lane.current();
        if (of == null
                || of.id != run.batch()
                || run.index() > of.done
                || run.payload().length() > LaneBook.mostBytes(of, run.index())) {
            return;
        }
        Scalars values;
        try {
            values = Scalars.read(run.payload().open(), run.payload().length());
        } catch (IOException e) {
            return; // what follows does not fit any more, and counts as not finished
        }
        for (int i = 0; i < values.size(); i++) {
            Batch batch = lane.current();
            if (batch != null && batch.id == run.batch() && batch.done == run.index() + i) {
                lanes.itemEnded(
                        lane,
                        batch,
                        LaneBook.nanosOfEach(run.nanos(), values.size()),
                        new Ending.Scalar(values.get(i)),
                        effects);
            }
        }
    }

    /**
     * Puts back what a lost worker had not begun, and gathers what it has taken with it. If it had not begun anything it may
     * have died of what it was given (an argument larger than its memory, say): such items get only so many chances. So does
     * what is large and was behind the item that ran, since the worker may have been reading it.
     */
    private void requeue(Lane lane) {
        Batch current = lane.current();
        if (current == null) {
            return;
        }
        boolean running = current.begun > current.done;
        lane.suspicions = running ? 0 : current.chunk.suspected() + 1;
        while (!lane.idle()) { // the last first, and one at a time: there may be no memory for the next
            Batch last = lane.inFlight.getLast();
            boolean begun = last.begun > last.done;
            boolean guilty = last == current && lane.suspicions >= MAX_SUSPICIONS;
            int from = begun ? last.begun : guilty ? last.done + 1 : last.done;
            ledger.takeBack(lane, last, from, !running || (last.unread && !begun));
            take(lane, last, from);
            lane.inFlight.removeLast();
        }
    }

    /** Decides what becomes of the first items of a batch, up to one, which cannot be put back. */
    private void take(Lane lane, Batch batch, int to) {
        if (batch.job().cancelled) {
            for (int i = batch.done; i < to; i++) {
                ledger.drop(batch, i, TaskOutcome.CANCELLED);
            }
            return;
        }
        int from = batch.isSettled(batch.done) ? batch.done + 1 : batch.done; // it has timed out
        if (from >= to) {
            return;
        }
        Chunk taken = batch.chunk.part(from, to);
        if (taken.attempt() < batch.job().settings().retries()) {
            ledger.queue.addFirst(taken.again());
        } else {
            lane.taken.addFirst(taken);
        }
    }

    /** Returns what a lost worker has taken with it, if that was not returned before; else null. */
    private @Nullable Casualty decide(Lane lane) {
        if (lane.taken.isEmpty()) {
            return null;
        }
        Casualty casualty = new Casualty(lane, List.copyOf(lane.taken), lane.suspicions);
        ledger.casualties.put(lane, casualty);
        lane.taken.clear();
        return casualty;
    }

    /** Decides how items ended that a worker took with it; only the first call counts. */
    void fail(Casualty casualty, Supplier<? extends ProcessPoolException> error) {
        ledger.locked(effects -> {
            if (ledger.casualties.get(casualty.lane()) == casualty) {
                ledger.failAll(casualty.items(), TaskOutcome.WORKER_LOST, error, effects);
                ledger.casualties.remove(casualty.lane()); // now that it is certain that their jobs will be told
            }
        });
    }
}
