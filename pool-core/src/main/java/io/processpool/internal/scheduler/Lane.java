package io.processpool.internal.scheduler;

import io.processpool.internal.Nanos;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.Message;
import java.time.Duration;
import java.util.Deque;
import java.util.LinkedList;
import org.jspecify.annotations.Nullable;

/**
 * A worker as the scheduler sees it: a channel, and what was sent through it and has not ended. All fields that change
 * are guarded by the scheduler's lock.
 */
public final class Lane {

    private final Channel channel;
    private final String where;

    /** In the order in which they run. Linked, since there may be no memory: an {@code ArrayDeque} that cannot grow loses all. */
    @SuppressWarnings("JdkObsolete")
    final Deque<Batch> inFlight = new LinkedList<>();

    /** The numbers of the functions that the worker keeps. */
    private final Recent<Integer, Integer> functions = new Recent<>(Functions.CAPACITY, Functions.CAPACITY_BYTES);

    /** How much work is expected to be in flight. */
    long inFlightNanos;

    int inFlightItems;

    /** How many more items it may be given. */
    int budget;

    /** How many items it may be given in all. */
    private final int wholeBudget;

    /** How long before its budget is used up the pool wants to know of that; 0 for never. */
    private long noticeNanos;

    /** Whether the pool knows that its budget is running out. */
    private boolean noticeGiven;

    /** When it was first open for items. */
    long openedAt;

    /** Whether it is given items. */
    boolean open;

    /** Whether its channel has ended. */
    boolean lost;

    /** Whether the worker may have said more than could be heard or read, so that nobody knows what it has begun since. */
    boolean misheard;

    /** Whether it was told what the worker had begun when it was lost. */
    boolean begunKnown;

    /** How many workers have died with what it was to run first, if it is lost and had begun nothing; else 0. */
    int suspicions;

    /** What a lost worker has taken with it, as far as that is decided. Linked as well. */
    @SuppressWarnings("JdkObsolete")
    final Deque<Chunk> taken = new LinkedList<>();

    /** When the item that now runs began, by our clock; if it is still on its way, when it was given or has left. */
    long currentSince;

    /** When the pool has to look at the running item next; {@link Long#MAX_VALUE} if nobody waits for that. */
    long checkAt = Long.MAX_VALUE;

    /** How often the worker has told that the running item begins. */
    int starts;

    /** Whether the running item was already logged as slow. */
    boolean slowLogged;

    /** Whether the pool has looked too late at the running item, and waits for what its worker has sent meanwhile. */
    boolean lookedLate;

    /** Whether the worker was asked where its slow item is, and has not answered. */
    boolean slowAsked;

    /** Whether the worker was told to stop the running item. */
    boolean stopSent;

    /** Whether the listeners know that the running item has begun. */
    boolean startObserved;

    /** The running item, if it has timed out and its stack is awaited. */
    @Nullable
    TimeoutNotice timeoutNotice;

    /** Whether the worker would have been killed by now, were it not for the stack. */
    boolean killAwaitsStack;

    long tasksEnded;
    private int lastBatch;

    /**
     * Makes a lane; it is closed at first.
     *
     * @param budget how many items it may be given in all
     * @param where the worker, for messages: {@code worker=0, pid=123}
     */
    public Lane(Channel channel, int budget, String where) {
        this.channel = channel;
        this.budget = budget;
        this.wholeBudget = budget;
        this.where = where;
    }

    /** Has the pool told in time when the budget is running out; before the lane is open. */
    public void giveNotice(Duration before) {
        noticeNanos = Nanos.of(before);
    }

    /** Items may be given from now on. */
    void opened(long now) {
        open = true;
        openedAt = now;
    }

    /**
     * Tells, once, that the budget is running out: that no more than half of it is left, and that the rest will be used up in
     * the time of the notice if it goes on as it has gone so far.
     */
    boolean noticeDue(long now) {
        if (noticeNanos == 0 || noticeGiven || tasksEnded == 0 || budget <= 0 || budget > wholeBudget / 2) {
            return false;
        }
        noticeGiven = (double) (now - openedAt) / tasksEnded * budget <= noticeNanos;
        return noticeGiven;
    }

    /** Returns the worker, for messages. */
    public String where() {
        return where;
    }

    Channel channel() {
        return channel;
    }

    boolean idle() {
        return inFlight.isEmpty();
    }

    /** Returns the batch whose first unfinished item is the one that runs, or null. */
    @Nullable
    Batch current() {
        return inFlight.peekFirst();
    }

    /** Returns how many items are in the worker's hands and have not ended for their jobs, by cancelling or a time-out. */
    int active() {
        int active = inFlightItems + (timeoutNotice == null ? 0 : 1); // whose ending is decided, and not told yet
        for (Batch batch : inFlight) {
            active -= batch.settledItems();
        }
        return active;
    }

    /**
     * Makes a batch of a chunk, which the worker may be {@linkplain #give given} next.
     *
     * @param timed whether it matters when its items begin
     */
    Batch batch(Chunk chunk, long now, boolean timed) {
        FunctionRef function = chunk.job().function();
        long bytes = chunk.items().length()
                + (knows(function) ? 0 : function.encoded().length());
        Batch batch = new Batch(lastBatch == Integer.MAX_VALUE ? 1 : lastBatch + 1, chunk);
        batch.unread = bytes >= Message.Started.LARGE;
        batch.onItsWay = timed && batch.unread;
        if (inFlight.isEmpty()) {
            currentSince = now;
            starts = 0;
            slowLogged = false;
            lookedLate = false;
            stopSent = false;
        }
        return batch;
    }

    private boolean knows(FunctionRef function) {
        return function.id() == 0 || functions.get(function.id()) != null;
    }

    /** Puts a batch in line for the worker. If that fails, for want of memory say, the worker does not hear of it. */
    void give(Batch batch) {
        Chunk chunk = batch.chunk;
        FunctionRef function = chunk.job().function();
        Bytes headers = chunk.job().settings().headers();
        Message.Tasks tasks =
                new Message.Tasks(batch.id, function.id(), chunk.count(), headers, chunk.items(), batch.onItsWay);
        if (!knows(function)) {
            introduce(function);
        }
        inFlight.addLast(batch);
        try {
            channel.enqueue(tasks);
        } catch (Throwable e) { // of whatever kind: nobody would answer for the batch
            inFlight.removeLast();
            throw e;
        }
        lastBatch = batch.id;
        inFlightItems += batch.limit;
        inFlightNanos += batch.limit * batch.nanosPerItem;
        budget -= batch.limit;
    }

    /** Whether the worker has been given something that others may have died of. */
    boolean hasSuspect() {
        Batch current = current();
        return current != null && current.chunk.suspected() > 0;
    }

    /** Gives the worker a function before it is needed; returns whether it did not have it. */
    boolean prepare(FunctionRef function) {
        if (knows(function)) {
            return false;
        }
        introduce(function);
        return true;
    }

    /** Items of a batch have ended. */
    void release(Batch batch, int items) {
        inFlightItems -= items;
        inFlightNanos -= items * batch.nanosPerItem;
    }

    /** Others go first, so that the worker never has to find room for both. Batches that it has keep theirs. */
    private void introduce(FunctionRef function) {
        int id = function.id();
        boolean introduced = false;
        try {
            for (int forgotten : functions.add(id, id, function.encoded().length())) {
                channel.enqueue(new Message.Forget(forgotten));
            }
            channel.enqueue(new Message.Function(id, function.kind(), function.encoded()));
            introduced = true;
        } finally {
            if (!introduced) {
                functions.remove(id); // the next batch tries again
            }
        }
    }

    /** Returns for how long the worker has owed the answer to a recall, at a time; 0 if it owes none. With the lock held. */
    public long owesFor(long now) {
        long longest = 0;
        for (Batch batch : inFlight) {
            if (batch.recallSent && !batch.recallAnswered) {
                longest = Math.max(longest, now - batch.recalledAt);
            }
        }
        return longest;
    }

    /** Nobody could hear the worker until now, so its answers are not late. With the lock held. */
    public void excuse(long now) {
        inFlight.forEach(batch -> batch.recalledAt = now);
    }

    /** Finds a batch in flight. */
    @Nullable
    Batch find(int id) {
        for (Batch batch : inFlight) {
            if (batch.id == id) {
                return batch;
            }
        }
        return null;
    }
}
