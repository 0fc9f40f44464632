package io.processpool.internal.scheduler;

import io.processpool.LossReason;
import io.processpool.TaskOutcome;
import io.processpool.TaskTimeoutException;
import io.processpool.internal.Shortage;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.Message;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What time does to running items: a time-out stops one and ends it with the stack at which it was; a slow one is logged
 * with its stack. Guarded by the scheduler's lock, except for {@link #check} and {@link #stack}, which take it.
 */
final class Deadlines {

    /** How long the exception of a time-out waits for the stack of the task. */
    private static final long STACK_WAIT_NANOS = 500_000_000;

    private final Ledger ledger;

    Deadlines(Ledger ledger) {
        this.ledger = ledger;
    }

    /** The timer of a lane has fired. If there is no memory to do what is due, that is tried again: nobody else would stop the item. */
    void check(Lane lane) {
        try {
            ledger.locked(effects -> checkOnce(lane, effects));
        } catch (OutOfMemoryError e) {
            ledger.clock.later(Shortage.PAUSE_NANOS, () -> check(lane));
        }
    }

    private void checkOnce(Lane lane, Effects effects) {
        Batch batch = lane.current();
        try {
            TaskClock.Verdict verdict = ledger.clock.look(lane);
            if (batch == null || lane.lost) {
                return;
            }
            if (verdict == TaskClock.Verdict.SLOW) {
                lane.slowAsked = true;
                lane.channel().enqueue(new Message.StackRequest(batch.id, batch.done));
                effects.flush(lane.channel());
            } else if (verdict == TaskClock.Verdict.TIMED_OUT) {
                expire(lane, batch, effects);
            } else if (verdict == TaskClock.Verdict.NOT_THERE) {
                effects.then(() -> lookWhetherSent(lane, batch));
            }
        } catch (OutOfMemoryError e) {
            lane.checkAt = ledger.clock.now(); // still due
            throw e;
        }
    }

    /** A worker does not tell that an item has arrived; it cannot as long as we have not sent it. */
    private void lookWhetherSent(Lane lane, Batch batch) {
        boolean sent = lane.channel().flush();
        ledger.locked(effects -> {
            if (!lane.lost && lane.current() == batch && batch.onItsWay) {
                ledger.clock.looked(lane, batch, sent);
            }
        });
    }

    private void expire(Lane lane, Batch batch, Effects effects) {
        timedOut(lane, null, effects); // the item before, if it should still await its stack: else nobody would end it
        lane.slowAsked = false;
        if (batch.isSettled(batch.done)) { // it was cancelled and left alone; its time limit holds all the same
            ledger.stopItem(lane, batch, LossReason.TASK_TIMEOUT, effects);
            return;
        }
        TimeoutNotice notice = new TimeoutNotice(batch, batch.done, ledger.clock.now() - lane.currentSince);
        batch.makeRoomToSettle();
        ledger.clock.later(STACK_WAIT_NANOS, () -> stackIsLate(lane, notice));
        ledger.stopItem(lane, batch, LossReason.TASK_TIMEOUT, effects);
        batch.settle(batch.done);
        lane.timeoutNotice = notice;
    }

    private void stackIsLate(Lane lane, TimeoutNotice notice) {
        ledger.locked(effects -> {
            if (lane.timeoutNotice == notice) {
                timedOut(lane, null, effects);
            }
        });
    }

    /** A worker has told where a running item is. */
    void stack(Lane lane, Message.Stack stack) {
        ledger.locked(effects -> {
            TimeoutNotice notice = lane.timeoutNotice;
            Batch batch = lane.current();
            if (notice != null && notice.batch().id == stack.batch() && notice.index() == stack.index()) {
                timedOut(lane, stack.stack(), effects);
            } else if (lane.slowAsked && batch != null && batch.id == stack.batch() && batch.done == stack.index()) {
                lane.slowAsked = false;
                ledger.messages.logSlow(batch.job(), batch.jobIndex(stack.index()), lane, stack.stack());
            }
        });
    }

    /** Ends the item of a lane that has timed out, with its stack if there is one. */
    void timedOut(Lane lane, @Nullable Bytes stack, Effects effects) {
        TimeoutNotice notice = lane.timeoutNotice;
        if (notice == null) {
            return;
        }
        if (lane.killAwaitsStack) {
            ledger.killIfStill(lane, notice.batch(), notice.index(), LossReason.TASK_TIMEOUT, effects);
            lane.killAwaitsStack = false;
        }
        Job job = notice.batch().job();
        long index = notice.batch().jobIndex(notice.index());
        if (job.cancelled || job.closed) {
            ledger.drop(job, index, TaskOutcome.CANCELLED);
        } else {
            String message = ledger.messages.timedOut(job, index, lane);
            Supplier<TaskTimeoutException> error =
                    () -> new TaskTimeoutException(message, ledger.messages.decodeStack(job, stack));
            ledger.end(job, index, new Ending.Failed(TaskOutcome.TIMEOUT, error), notice.ranNanos(), effects);
        }
        lane.timeoutNotice = null; // not before: should there be no memory to tell it, the next occasion will
    }
}
