package io.processpool.internal.scheduler;

import io.processpool.LossReason;
import io.processpool.ProcessPoolException;
import io.processpool.TaskOutcome;
import io.processpool.internal.Nanos;
import io.processpool.internal.Shortage;
import io.processpool.internal.TaskDefaults;
import io.processpool.internal.wire.Message;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The state that the parts of the scheduler share, and the entries that all of them make. Everything here but
 * {@link #locked} needs the lock.
 *
 * <p>There may be no memory left at any moment. So an entry takes what it needs first, and changes the books then: either it
 * throws and nothing has happened, or all of it has. Observers may miss an event; an item must not get lost, since somebody
 * waits for it.
 */
final class Ledger {

    private static final long REBALANCE_NANOS = 3_000_000;

    final ReentrantLock lock;
    final TaskDefaults defaults;
    final SchedulerEvents events;
    final TaskMessages messages;
    final TaskClock clock;
    final Functions functions = new Functions();
    final TaskQueue queue = new TaskQueue();
    final Dispatcher dispatcher;
    final OpenJobs openJobs = new OpenJobs();
    final TaskCounters counters = new TaskCounters();
    final Condition roomInQueue;

    /** Why no more jobs are taken, or null. */
    @Nullable
    Supplier<ProcessPoolException> refusal;

    /** Why no worker can be started, or null. */
    @Nullable
    Supplier<ProcessPoolException> outage;

    /** Items that lost workers were running, and whose ending is not decided yet. */
    final Map<Lane, Casualty> casualties = new HashMap<>();

    private boolean rebalancing;

    /** Whether the timer will hand out what there was no memory for. */
    private boolean dispatchesAgain;

    Ledger(
            ReentrantLock lock,
            TaskDefaults defaults,
            SchedulerEvents events,
            TaskMessages messages,
            TaskClock clock,
            int processors) {
        this.dispatcher = new Dispatcher(queue, processors);
        this.lock = lock;
        this.defaults = defaults;
        this.events = events;
        this.messages = messages;
        this.clock = clock;
        this.roomInQueue = lock.newCondition();
    }

    /** Makes a change under the lock, and has its effects after it is released. */
    void locked(Consumer<Effects> change) {
        lockedFor(effects -> {
            change.accept(effects);
            return null;
        });
    }

    /**
     * Makes a change under the lock, has its effects after it is released, and returns what the change returned. If the change
     * fails half-way, it still has the effects of what it had decided: that is on record, and nobody would decide it again.
     */
    <T extends @Nullable Object> T lockedFor(Function<Effects, T> change) {
        Effects effects = new Effects();
        T result;
        lock.lock();
        try {
            result = change.apply(effects);
        } finally {
            lock.unlock();
            effects.run();
        }
        return result;
    }

    /** An item has ended. */
    void end(Job job, long index, Ending ending, long ranNanos, Effects effects) {
        effects.deliver(job, index, ending);
        counters.count(ending.outcome());
        if (job.single()) {
            close(job, effects);
        }
        observeDone(job, index, ending.outcome(), ranNanos);
    }

    /** Consecutive items of a map have returned scalars, and nobody observes them one by one. */
    void end(Job job, long first, ScalarRun endings, Effects effects) {
        effects.deliver(job, first, endings);
        counters.count(TaskOutcome.SUCCESS, endings.size());
    }

    /** All items of these chunks fail for the same reason; those of jobs that are over are dropped. */
    void failAll(
            List<Chunk> chunks, TaskOutcome outcome, Supplier<? extends ProcessPoolException> reason, Effects effects) {
        List<Effects.Run> runs = new ArrayList<>(chunks.size());
        for (Chunk chunk : chunks) {
            if (!chunk.job().isOver()) {
                runs.add(new Effects.Run(chunk.job(), chunk.first(), failures(chunk.count(), outcome, reason)));
            }
        }
        effects.deliver(runs);
        for (int i = 0; i < chunks.size(); i++) { // an iterator would take memory
            Chunk chunk = chunks.get(i);
            Job job = chunk.job();
            TaskOutcome how = job.isOver() ? TaskOutcome.CANCELLED : outcome;
            counters.count(how, chunk.count());
            if (job.single()) {
                close(job, effects);
            }
            for (int k = 0; k < chunk.count(); k++) {
                observeDone(job, chunk.first() + k, how, 0);
            }
        }
    }

    private static List<Ending> failures(
            int count, TaskOutcome outcome, Supplier<? extends ProcessPoolException> reason) {
        List<Ending> endings = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            endings.add(new Ending.Failed(outcome, reason));
        }
        return endings;
    }

    /** Tells the observers that items were accepted. */
    void observeQueued(Job job, long first, int count) {
        if (events.observed()) {
            try {
                for (int i = 0; i < count; i++) {
                    events.taskQueued(job, first + i);
                }
            } catch (OutOfMemoryError e) {
                // as below
            }
        }
    }

    private void observeDone(Job job, long index, TaskOutcome outcome, long ranNanos) {
        if (events.observed()) {
            try {
                events.taskDone(job, index, outcome, ranNanos);
            } catch (OutOfMemoryError e) {
                // observers miss it; the job must not
            }
        }
    }

    /** An item ends without its job being told, which knows already; returns false if its ending was decided before. */
    boolean drop(Batch batch, int index, TaskOutcome outcome) {
        if (!batch.settle(index)) {
            return false;
        }
        drop(batch.job(), batch.jobIndex(index), outcome);
        return true;
    }

    /** An item ends without its job being told, which knows already. */
    void drop(Job job, long index, TaskOutcome outcome) {
        counters.count(outcome);
        observeDone(job, index, outcome, 0);
    }

    /** All items of a job that wait end without the job being told. */
    void dropQueued(Job job, TaskOutcome outcome) {
        if (events.observed()) {
            queue.forEach(job, index -> observeDone(job, index, outcome, 0));
        }
        counters.count(outcome, queue.forget(job));
    }

    /** A job is over. Takes no memory. */
    void close(Job job, Effects effects) {
        job.closed = true;
        if (openJobs.remove(job) && openJobs.isEmpty()) {
            effects.drained(events);
        }
    }

    /**
     * Items of a batch, from one on, are not with the worker any more and have not been begun.
     *
     * @param suspect whether they may be the reason why the worker is gone
     */
    void takeBack(Lane lane, Batch batch, int from, boolean suspect) {
        int count = batch.limit - from;
        if (count <= 0) {
            return;
        }
        int end = batch.limit;
        // Only the item that was thought to run can be settled, by its time-out: it does not run again.
        int first = batch.isSettled(from) ? from + 1 : from;
        if (batch.job().cancelled) {
            for (int i = from; i < end; i++) {
                drop(batch, i, TaskOutcome.CANCELLED);
            }
        } else if (first < end) {
            Chunk rest = batch.chunk.part(first, end);
            boolean current = !lane.lost && lane.current() == batch && first == batch.done;
            Chunk back = rest.returned(suspect, current && lane.startObserved);
            queue.addFirst(current ? back.passOn() : back);
        }
        lane.release(batch, count);
        lane.budget += count;
        batch.limit = from;
    }

    /** Hands out what can be handed out; if there is no memory for that, tries again in a moment. */
    void dispatch(Effects effects) {
        try {
            handOut(effects);
        } catch (OutOfMemoryError e) {
            if (!dispatchesAgain) { // what waits must not wait for the next occasion, which may never come
                clock.later(Shortage.PAUSE_NANOS, this::dispatchAgain);
                dispatchesAgain = true;
            }
        }
    }

    private void dispatchAgain() {
        locked(effects -> {
            dispatchesAgain = false;
            dispatch(effects);
        });
    }

    private void handOut(Effects effects) {
        ArrayList<Lane> started = new ArrayList<>(2);
        try {
            dispatcher.dispatch(effects, clock, started);
        } finally {
            for (int i = 0; i < started.size(); i++) {
                observeStarted(started.get(i));
            }
        }
        for (Lane lane : dispatcher.runningOut()) {
            effects.then(() -> events.laneRunsOut(lane));
        }
        dispatcher.runningOut().clear();
        for (Lane lane : dispatcher.spent()) {
            effects.then(() -> events.laneSpent(lane));
        }
        dispatcher.spent().clear();
        if (queue.singles() < defaults.queueCapacity()) {
            roomInQueue.signalAll();
        }
        if (dispatcher.holdsBack()) {
            rebalanceLater();
        } else if (queue.items() > 0) {
            effects.then(events::workWaiting);
        } else if (dispatcher.unbalanced()) {
            rebalanceLater();
        }
    }

    private void rebalanceLater() {
        if (!rebalancing) {
            clock.later(REBALANCE_NANOS, this::rebalance);
            rebalancing = true; // now that the timer is set
        }
    }

    private void rebalance() {
        locked(effects -> {
            rebalancing = false;
            if (dispatcher.rebalance(effects, clock.now())) {
                rebalanceLater();
            }
            if (dispatcher.holdsBack()) {
                dispatch(effects); // lanes that make no progress do not count any more
            }
        });
    }

    /** Tells the observers that the running item of a lane has begun, once. */
    void observeStarted(Lane lane) {
        Batch batch = lane.current();
        if (batch == null || lane.startObserved || !events.observed()) {
            return;
        }
        lane.startObserved = true;
        if (batch.done > 0 || !batch.chunk.startTold()) {
            long index = batch.jobIndex(batch.done);
            long waited = lane.currentSince - batch.chunk.queuedAt();
            try {
                events.taskStarted(batch.job(), index, lane, waited);
            } catch (OutOfMemoryError e) {
                // observers miss it; the item goes on
            }
        }
    }

    /**
     * Tells the worker to stop its running item, and has the worker killed if that does not help. It gives back first what
     * is behind that item, and gets nothing more: if the item ends at the moment of the kill, no other must have begun.
     */
    void stopItem(Lane lane, Batch batch, LossReason kind, Effects effects) {
        int index = batch.done;
        dispatcher.recall(lane, effects);
        effects.flush(lane.channel());
        clock.later(Nanos.of(defaults.cancelGrace()), () -> graceIsOver(lane, batch, index, kind));
        lane.channel().enqueue(new Message.Cancel(batch.id, index));
        lane.stopSent = true;
    }

    /** The grace period is over. A worker that is killed can tell no stack, so one that is awaited comes first. */
    private void graceIsOver(Lane lane, Batch batch, int index, LossReason kind) {
        locked(effects -> {
            TimeoutNotice notice = lane.timeoutNotice;
            if (notice != null && notice.batch() == batch && notice.index() == index) {
                lane.killAwaitsStack = true;
            } else {
                killIfStill(lane, batch, index, kind, effects);
            }
        });
    }

    /** Has a worker killed that still runs an item. */
    void killIfStill(Lane lane, Batch batch, int index, LossReason kind, Effects effects) {
        if (!lane.lost && lane.current() == batch && batch.done == index) {
            String why = kind == LossReason.TASK_TIMEOUT ? "timed out" : "was cancelled";
            String what = batch.job().describe(batch.jobIndex(index)) + " " + why
                    + " and did not end within cancelGrace=" + defaults.cancelGrace();
            dispatcher.close(lane);
            effects.then(() -> events.killLane(lane, kind, what));
        }
    }
}
