package io.processpool.internal.scheduler;

import io.processpool.internal.wire.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives queued chunks to lanes, and takes items back from a lane that is stuck while another has nothing to do. Guarded
 * by the scheduler's lock.
 *
 * <p>An idle lane gets a batch of about a millisecond of work, or one item as long as nothing is known of the function.
 * A lane that runs quick items gets the next batch before it has finished the last, so that it never waits for the
 * pool; one that runs long items does not, so that no item waits behind them.
 *
 * <p>To wake a worker costs more than a tiny item does. So once as many lanes are busy as there are processors, those get the
 * tiny items, and what is too much for them waits in the queue though others have nothing to do: the processors could not run
 * more at a time. A lane that makes no progress does not count.
 */
final class Dispatcher {

    /** As long as less work than this is expected to be in flight, a lane gets more. */
    private static final long PREFETCH_NANOS = 2 * DurationEstimate.BATCH_NANOS;

    /** A lane that has run one item for so long, with others behind it, is asked to give those back. */
    private static final long STUCK_NANOS = 2_000_000;

    /** The same for tiny items: most likely somebody else has the processor, and would have it elsewhere as well. */
    private static final long TINY_STUCK_NANOS = 10 * STUCK_NANOS;

    /**
     * So often an item may come back from workers that should have run it: they may not have been scheduled. After that it
     * travels alone, and does not come back any more.
     */
    private static final int MAX_PASSES = 3;

    private static final int FEW_LANES = 16;

    private final TaskQueue queue;
    private final int processors;
    private final List<Lane> lanes = new ArrayList<>();
    private final ArrayList<Lane> spent = new ArrayList<>();

    /** Lanes that stand by. They get small functions as soon as others do. */
    private final List<Lane> standby = new ArrayList<>();

    private final ArrayList<Lane> runningOut = new ArrayList<>();

    /**
     * Open lanes with nothing in flight; the one that was busy last comes first, its caches are warm. There is room for all
     * lanes: one that had to grow, and could not, would lose all that it holds.
     */
    private ArrayDeque<Lane> idle = new ArrayDeque<>(FEW_LANES);

    private int roomForIdle = FEW_LANES;

    /** Lanes with something in flight, whether they are given more or not. */
    private final ArrayList<Lane> busy = new ArrayList<>();

    /** Whether something waits though a lane has nothing to do. */
    private boolean holdsBack;

    Dispatcher(TaskQueue queue, int processors) {
        this.queue = queue;
        this.processors = processors;
    }

    /** Whether something waits for busy lanes though others have nothing to do, so that it has to be looked at again soon. */
    boolean holdsBack() {
        return holdsBack;
    }

    /** Returns the lanes that have been given their last item; whoever has seen to them clears the list. */
    List<Lane> spent() {
        return spent;
    }

    /** Returns the lanes whose budget is running out; whoever has seen to them clears the list. */
    List<Lane> runningOut() {
        return runningOut;
    }

    List<Lane> lanes() {
        return lanes;
    }

    /** The lane will be opened when it is needed. */
    void standBy(Lane lane) {
        standby.add(lane);
    }

    void open(Lane lane, long now) {
        if (lanes.size() == roomForIdle) {
            ArrayDeque<Lane> wider = new ArrayDeque<>(2 * roomForIdle);
            wider.addAll(idle);
            idle = wider;
            roomForIdle *= 2;
        }
        lanes.add(lane);
        standby.remove(lane);
        lane.opened(now);
        if (lane.idle()) {
            idle.addLast(lane);
        }
    }

    /** The lane gets nothing more; what it has, it finishes. */
    void close(Lane lane) {
        lane.open = false;
        idle.remove(lane);
        standby.remove(lane);
    }

    void remove(Lane lane) {
        close(lane);
        busy.remove(lane);
        lanes.remove(lane);
    }

    /** A lane has nothing in flight any more. */
    void idle(Lane lane) {
        busy.remove(lane);
        if (lane.open && lane.budget > 0) {
            idle.addFirst(lane);
        }
    }

    /** A lane has given back what it should have run: others may be quicker. */
    void passedOn(Lane lane) {
        if (idle.remove(lane)) {
            idle.addLast(lane);
        }
    }

    /**
     * Hands out what can be handed out.
     *
     * @param started gets the lanes that had nothing to do before
     */
    void dispatch(Effects effects, TaskClock clock, ArrayList<Lane> started) {
        holdsBack = false;
        Chunk next = queue.peek();
        while (next != null) {
            long now = clock.now();
            Lane lane = choose(next, now);
            if (lane == null) {
                break;
            }
            give(next, lane, now, effects, clock, started);
            next = queue.peek();
        }
    }

    /**
     * Gives a lane as much of the first chunk in the queue as it should have. There may be no memory for that: all that takes
     * some comes first, so that either nothing has happened in the end or everything.
     */
    private void give(Chunk first, Lane lane, long now, Effects effects, TaskClock clock, ArrayList<Lane> started) {
        int count = batchSize(first, lane);
        boolean all = count >= first.count();
        Chunk rest = all ? null : first.part(count, first.count());
        boolean wasIdle = lane.idle();
        Batch batch = lane.batch(all ? first : first.part(0, count), now, clock.times(first.job()));
        spent.ensureCapacity(spent.size() + 1);
        runningOut.ensureCapacity(runningOut.size() + 1);
        if (wasIdle) {
            started.ensureCapacity(started.size() + 1);
            busy.ensureCapacity(busy.size() + 1);
            clock.itemStarts(lane, batch, now);
        }
        effects.flush(lane.channel());
        lane.give(batch);

        queue.shorten(first, rest);
        if (wasIdle) {
            idle.remove(lane);
            busy.add(lane);
            started.add(lane);
        }
        if (lane.budget <= 0) {
            close(lane);
            spent.add(lane);
        } else if (lane.noticeDue(now)) {
            runningOut.add(lane);
        }
    }

    /** Gives a function that is about to be used to the lanes that stand by. */
    void prepareStandby(FunctionRef function, Effects effects) {
        if (standby.isEmpty() || function.id() == 0 || function.encoded().length() > Functions.SMALL) {
            return;
        }
        for (Lane lane : standby) {
            if (lane.prepare(function)) {
                effects.flush(lane.channel());
            }
        }
    }

    /**
     * Chooses who gets a chunk. What workers may have died of goes to one that has nothing to do, and nothing goes behind it:
     * the next that dies takes no other item with it, and it is known of what.
     */
    private @Nullable Lane choose(Chunk chunk, long now) {
        Lane waiting = idle.peekFirst();
        if (chunk.suspected() > 0 || (waiting != null && !busyLanesWillDo(chunk, now))) {
            return waiting;
        }
        Lane least = leastBusy(now);
        holdsBack = least == null && waiting != null;
        return least;
    }

    /** Whether the processors have enough to do, so that there is no point in waking another worker for tiny items. */
    private boolean busyLanesWillDo(Chunk next, long now) {
        if (busy.size() < processors || !next.job().function().estimate().tiny()) {
            return false;
        }
        int counted = 0;
        for (Lane lane : busy) {
            if (takesMore(lane, now)) {
                counted++;
            }
        }
        return counted >= processors;
    }

    private static boolean takesMore(Lane lane, long now) {
        return lane.open && lane.budget > 0 && !lane.stopSent && !lane.hasSuspect() && !isStuck(lane, now);
    }

    /** Whether a lane has been busy with one item for so long that what is behind it had better go elsewhere. */
    private static boolean isStuck(Lane lane, long now) {
        Batch current = lane.current();
        boolean tiny = current != null && current.job().function().estimate().tiny();
        return now - lane.currentSince >= (tiny ? TINY_STUCK_NANOS : STUCK_NANOS);
    }

    private @Nullable Lane leastBusy(long now) {
        Lane least = null;
        for (Lane lane : busy) {
            if (takesMore(lane, now)
                    && lane.inFlightNanos < PREFETCH_NANOS
                    && (least == null || lane.inFlightNanos < least.inFlightNanos)) {
                least = lane;
            }
        }
        return least;
    }

    private int batchSize(Chunk chunk, Lane lane) {
        if (chunk.passedOn() >= MAX_PASSES) {
            return 1;
        }
        int wanted = chunk.whole()
                ? chunk.count()
                : Math.min(chunk.count(), chunk.job().function().estimate().batchSize());
        return Math.min(wanted, lane.budget);
    }

    /**
     * Asks lanes that are stuck for what they have not begun, if another lane has nothing to do.
     *
     * @return whether to look again soon
     */
    boolean rebalance(Effects effects, long now) {
        if (idle.isEmpty() || (queue.peek() != null && !holdsBack)) {
            return false;
        }
        boolean again = false;
        for (Lane lane : busy) {
            if (lane.inFlightItems < 2) {
                continue;
            }
            if (!isStuck(lane, now)) {
                again = true;
                continue;
            }
            recall(lane, effects);
        }
        return again;
    }

    /** Asks a lane for everything that it has not begun. */
    void recall(Lane lane, Effects effects) {
        // The last first: each goes to the front of the queue when it comes back.
        lane.inFlight.descendingIterator().forEachRemaining(batch -> recall(lane, batch, effects));
    }

    /** Asks a lane for what it has not begun of a batch. */
    void recall(Lane lane, Batch batch, Effects effects) {
        boolean couldBeUnstarted = lane.current() != batch || batch.limit - batch.done > 1;
        if (!batch.recallSent && couldBeUnstarted) {
            effects.flush(lane.channel());
            lane.channel().enqueue(new Message.Recall(batch.id));
            batch.recallSent = true;
            batch.recalledAt = System.nanoTime();
        }
    }

    /** Whether somebody has nothing to do while somebody else has several items. */
    boolean unbalanced() {
        if (idle.isEmpty()) {
            return false;
        }
        for (Lane lane : busy) {
            if (lane.inFlightItems > 1) {
                return true;
            }
        }
        return false;
    }
}
