package io.processpool.benchmarks.chaos;

import io.processpool.TaskTimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntUnaryOperator;

/**
 * The account of all tasks: which were submitted, and how each has ended. What is wrong goes to the {@link Violations}.
 * Thread-safe; a task is settled by whoever sees its end, and more than once is a violation.
 */
final class Book {

    private final int capacity;
    private final Blame blame;
    private final Violations violations;
    private final AtomicInteger reserved = new AtomicInteger();
    private final AtomicIntegerArray ends;

    /** How often a task may begin, less one: its retries. */
    private final AtomicIntegerArray retries;

    private final LongAdder ended = new LongAdder();
    private final LongAdder right = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder timedOutAsTheyShould = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private final LongAdder unseen = new LongAdder();

    Book(int capacity, Blame blame, Violations violations) {
        this.capacity = capacity;
        this.blame = blame;
        this.violations = violations;
        this.ends = new AtomicIntegerArray(capacity);
        this.retries = new AtomicIntegerArray(capacity);
    }

    /** Takes the ids of so many tasks, or of fewer at the end; returns the first, or -1 if all are taken. */
    int reserve(int count) {
        int first = reserved.getAndUpdate(taken -> taken + Math.min(count, capacity - taken));
        return first == capacity ? -1 : first;
    }

    /** Returns how many of so many ids that were asked for were had. */
    int had(int first, int count) {
        return Math.min(count, capacity - first);
    }

    /** A task may begin again if its worker is lost, so often. */
    void mayRetry(int id, int times) {
        retries.set(id, times);
    }

    /** A task has returned something. */
    void answered(long order, long answer) {
        end(Order.id(order));
        if (answer == Order.answer(order) && !Order.hangs(order)) {
            right.increment();
        } else {
            violations.note("task " + Order.id(order) + " has a wrong value");
        }
    }

    /** A task has failed. */
    void failed(long order, Throwable failure) {
        end(Order.id(order));
        if (Order.hangs(order) && failure instanceof TaskTimeoutException) {
            timedOutAsTheyShould.increment();
        } else {
            failed.increment();
            violations.note(blame.examine(failure));
        }
    }

    /** A task was cancelled. */
    void cancelled(long order) {
        end(Order.id(order));
        cancelled.increment();
    }

    /** A task has ended, and nobody sees how: it was in a map that threw for another, or was closed. */
    void endedUnseen(long order) {
        end(Order.id(order));
        unseen.increment();
    }

    private void end(int id) {
        ended.increment();
        if (ends.incrementAndGet(id) > 1) {
            violations.note("task " + id + " has ended twice");
        }
    }

    int submitted() {
        return reserved.get();
    }

    long ended() {
        return ended.sum();
    }

    /** Whether all tasks that were submitted have ended; dependent stages may hear of an end a moment later. */
    boolean isSettled() {
        return ended() >= submitted();
    }

    long right() {
        return right.sum();
    }

    long failures() {
        return failed.sum();
    }

    long timedOutAsTheyShould() {
        return timedOutAsTheyShould.sum();
    }

    long cancelled() {
        return cancelled.sum();
    }

    long unseen() {
        return unseen.sum();
    }

    /**
     * Closes the account: no task may be open, and none may have begun more often than it was to.
     *
     * @param begun tells how often a task has begun
     */
    void audit(IntUnaryOperator begun) {
        for (int id = 0; id < reserved.get(); id++) {
            if (ends.get(id) == 0) {
                violations.note("task " + id + " was lost: it has not ended");
            }
            if (begun.applyAsInt(id) > 1 + retries.get(id)) {
                violations.note("task " + id + " has begun " + begun.applyAsInt(id) + " times, with " + retries.get(id)
                        + " retries");
            }
        }
    }

    /** Returns how many tasks have begun more than once. */
    int begunAgain(IntUnaryOperator begun) {
        int again = 0;
        for (int id = 0; id < reserved.get(); id++) {
            again += begun.applyAsInt(id) > 1 ? 1 : 0;
        }
        return again;
    }
}
