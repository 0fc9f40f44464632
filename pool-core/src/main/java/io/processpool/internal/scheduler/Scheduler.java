package io.processpool.internal.scheduler;

import io.processpool.PoolSaturatedException;
import io.processpool.ProcessPoolException;
import io.processpool.Saturation;
import io.processpool.TaskOutcome;
import io.processpool.TaskTimeoutException;
import io.processpool.internal.Nanos;
import io.processpool.internal.TaskDefaults;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.wire.FlightRecorder;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.ResultRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Knows every item from its acceptance to its end, and which worker runs which.
 *
 * <pre>
 *   caller            |  scheduler                              |  worker
 *   ------------------+-----------------------------------------+---------------------------
 *   submit(chunk) ---&gt; TaskQueue -- Dispatcher --&gt; Lane ------&gt;  Tasks
 *                     |      ^                      |  ^        |
 *                     |      +---- lost, returned --+  +-------  Results, Returned
 *   Job.ended() &lt;-------------------- Ending                    |
 * </pre>
 *
 * <p>One lock guards the queue, the lanes and the fields of the jobs that say so. It is held for bookkeeping only: no
 * I/O, no user code. What is to be done outside it gathers in {@link Effects}. A caller that submits to an idle worker
 * writes to its socket itself; results arrive on the loop's thread, which also hands out the next chunks.
 */
public final class Scheduler {

    /** How long the exception of a time-out waits for the stack of the task. */
    private static final long STACK_WAIT_NANOS = 500_000_000;

    /** After so many workers have died with an item before they began it, it is taken to be the cause. */
    private static final int MAX_SUSPICIONS = 3;

    private static final long REBALANCE_NANOS = 3_000_000;

    private final ReentrantLock lock;
    private final TaskDefaults defaults;
    private final SchedulerEvents events;
    private final Functions functions = new Functions();
    private final TaskMessages messages;

    // All below are guarded by lock.
    private final TaskQueue queue = new TaskQueue();
    private final Dispatcher dispatcher = new Dispatcher(queue, functions);
    private final TaskClock clock;
    private final Condition roomInQueue;
    private final Set<Job> openJobs = new LinkedHashSet<>();
    private final TaskCounters counters = new TaskCounters();
    private boolean rebalancing;
    private @Nullable Supplier<ProcessPoolException> refusal;
    private @Nullable Supplier<ProcessPoolException> outage;

    /** Makes a scheduler that shares the pool's lock. */
    public Scheduler(
            ReentrantLock lock,
            TaskDefaults defaults,
            SchedulerEvents events,
            ScheduledExecutorService timer,
            TaskMessages messages) {
        this.lock = lock;
        this.defaults = defaults;
        this.events = events;
        this.messages = messages;
        this.roomInQueue = lock.newCondition();
        long slowNanos = Nanos.orZero(defaults.slowThreshold());
        this.clock = new TaskClock(timer, slowNanos, this::check);
    }

    /** Returns the functions in use. */
    public Functions functions() {
        return functions;
    }

    // ---- jobs -----------------------------------------------------------------------------------------------------

    /**
     * Takes a job that consists of one item. Waits for room in the queue, or refuses, as configured.
     *
     * @throws ProcessPoolException if the pool does not take it
     */
    public void submit(Job job, Chunk chunk) {
        Effects effects = new Effects();
        lock.lock();
        try {
            admit(job);
            enqueue(job, chunk, effects);
        } finally {
            lock.unlock();
        }
        effects.run();
    }

    private void admit(Job job) {
        refuseIfClosed();
        while (queue.items() >= defaults.queueCapacity() && !job.cancelled) {
            if (defaults.saturation() == Saturation.REJECT) {
                counters.rejected++;
                String name = job.settings().name();
                events.taskRejected(name);
                throw new PoolSaturatedException(
                        job + " was refused: the queue is full: queueCapacity=" + defaults.queueCapacity() + " "
                                + messages.suffix(),
                        null);
            }
            try {
                roomInQueue.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ProcessPoolException(
                        "interrupted while waiting for room in the queue for " + job + " " + messages.suffix(), e);
            }
            refuseIfClosed();
        }
        openJobs.add(job);
    }

    private void refuseIfClosed() {
        if (refusal != null) {
            throw refusal.get();
        }
    }

    /** Takes a job that will get its items by {@link #feed}; it stays open until {@link #close(Job)}. */
    public void open(Job job) {
        lock.lock();
        try {
            refuseIfClosed();
            openJobs.add(job);
        } finally {
            lock.unlock();
        }
    }

    /** Takes more items of an open job; those of one that was cancelled or abandoned are dropped. */
    public void feed(Chunk chunk) {
        Effects effects = new Effects();
        lock.lock();
        try {
            enqueue(chunk.job(), chunk, effects);
        } finally {
            lock.unlock();
        }
        effects.run();
    }

    private void enqueue(Job job, Chunk chunk, Effects effects) {
        if (job.cancelled || job.closed) {
            return;
        }
        counters.submitted += chunk.count();
        if (events.observed()) {
            effects.then(() -> observeQueued(chunk));
        }
        Supplier<ProcessPoolException> down = outage;
        if (down != null && dispatcher.lanes().isEmpty()) {
            for (int i = 0; i < chunk.count(); i++) {
                end(job, chunk.first() + i, new Ending.Failed(TaskOutcome.ABANDONED, down), 0, effects);
            }
            return;
        }
        queue.addLast(chunk);
        dispatch(effects);
    }

    private void observeQueued(Chunk chunk) {
        for (int i = 0; i < chunk.count(); i++) {
            events.taskQueued(chunk.job(), chunk.first() + i);
        }
    }

    /** The job gets no more items, and all that it had have ended. */
    public void close(Job job) {
        Effects effects = new Effects();
        lock.lock();
        try {
            closeLocked(job, effects);
        } finally {
            lock.unlock();
        }
        effects.run();
    }

    private void closeLocked(Job job, Effects effects) {
        job.closed = true;
        if (openJobs.remove(job) && openJobs.isEmpty()) {
            effects.then(events::drained);
        }
    }

    /**
     * Cancels what is left of a job. Items in the queue never run; running ones are, if wanted, interrupted and, after
     * the grace period, killed. The job itself says what becomes of its handle; it hears no more of the items.
     */
    public void cancel(Job job, boolean interrupt) {
        Effects effects = new Effects();
        lock.lock();
        try {
            if (job.cancelled || job.closed) {
                return;
            }
            job.cancelled = true;
            job.interrupt = interrupt;
            counters.cancelled += queue.forget(job);
            roomInQueue.signalAll();
            for (Lane lane : dispatcher.lanes()) {
                cancelInFlight(lane, job, effects);
            }
            closeLocked(job, effects);
        } finally {
            lock.unlock();
        }
        effects.run();
    }

    private void cancelInFlight(Lane lane, Job job, Effects effects) {
        for (Batch batch : lane.inFlight) {
            if (batch.job() != job) {
                continue;
            }
            dispatcher.recall(lane, batch, effects);
        }
        stopIfCancelled(lane, effects);
    }

    /** Sees to the running item of a lane if its job is cancelled. */
    private void stopIfCancelled(Lane lane, Effects effects) {
        Batch batch = lane.current();
        if (batch != null && batch.job().cancelled && batch.settle(batch.done)) {
            counters.cancelled++;
            if (batch.job().interrupt) {
                stopItem(lane, batch, "was cancelled", effects);
            }
        }
    }

    /** Tells the worker to stop an item, and sees to it that it does. */
    private void stopItem(Lane lane, Batch batch, String why, Effects effects) {
        int index = batch.done;
        lane.channel().enqueue(new Message.Cancel(batch.id, index));
        effects.flush(lane.channel());
        String what = batch.job().describe(batch.jobIndex(index));
        clock.later(Nanos.of(defaults.cancelGrace()), () -> killIfStill(lane, batch, index, what + " " + why));
    }

    private void killIfStill(Lane lane, Batch batch, int index, String what) {
        lock.lock();
        try {
            if (lane.lost || lane.current() != batch || batch.done != index) {
                return;
            }
        } finally {
            lock.unlock();
        }
        events.killLane(lane, what + " and did not end within cancelGrace=" + defaults.cancelGrace());
    }

    // ---- lanes ----------------------------------------------------------------------------------------------------

    /** A worker takes items from now on. */
    public void open(Lane lane) {
        Effects effects = new Effects();
        lock.lock();
        try {
            outage = null;
            dispatcher.open(lane);
            dispatch(effects);
        } finally {
            lock.unlock();
        }
        effects.run();
    }

    /**
     * A worker takes no more items. What it has it finishes, except that it gives back what it has not begun.
     *
     * @return whether it has nothing in flight
     */
    public boolean drain(Lane lane) {
        Effects effects = new Effects();
        boolean idle;
        lock.lock();
        try {
            dispatcher.close(lane);
            dispatcher.recall(lane, effects);
            idle = lane.idle();
        } finally {
            lock.unlock();
        }
        effects.run();
        return idle;
    }

    /** Results have arrived from a worker. */
    public void results(Lane lane, Bytes records) throws ProtocolException {
        List<ResultRecord> parsed = new ArrayList<>();
        try {
            BytesIn in = records.open();
            while (in.remaining() > 0) {
                parsed.add(ResultRecord.read(in));
            }
        } catch (IOException e) {
            throw new ProtocolException("results cannot be read: " + e.getMessage());
        }
        Effects effects = new Effects();
        lock.lock();
        try {
            if (lane.lost) {
                return;
            }
            apply(lane, parsed, false, effects);
            dispatch(effects);
        } finally {
            lock.unlock();
        }
        effects.run();
    }

    private void apply(Lane lane, List<ResultRecord> records, boolean fromRecorder, Effects effects)
            throws ProtocolException {
        boolean wasBusy = !lane.idle();
        for (int i = 0; i < records.size(); i++) {
            ResultRecord record = records.get(i);
            Batch batch = lane.current();
            if (batch == null || batch.id != record.batch() || batch.done != record.index()) {
                if (fromRecorder) {
                    continue; // it has arrived before
                }
                throw new ProtocolException(
                        "result of batch " + record.batch() + ", item " + record.index() + ", which does not run");
            }
            itemEnded(lane, batch, record, effects);
        }
        if (wasBusy && !lane.lost) {
            lane.currentSince = clock.now();
            lane.slowLogged = false;
            clock.itemStarted(lane);
            if (lane.idle()) {
                laneIdle(lane, effects);
            } else {
                stopIfCancelled(lane, effects);
                observeStarted(lane, effects);
            }
        }
    }

    private void itemEnded(Lane lane, Batch batch, ResultRecord record, Effects effects) {
        int index = record.index();
        Job job = batch.job();
        observeStarted(lane, effects);
        lane.release(batch, 1);
        lane.tasksEnded++;
        lane.startObserved = false;
        batch.done++;
        if (record.status() != ItemStatus.SKIPPED) {
            job.function().estimate().learn(record.nanos(), 1);
        }
        if (batch.finished()) {
            lane.inFlight.pollFirst();
        }
        if (!batch.isSettled(index) && !job.cancelled) {
            end(job, batch.jobIndex(index), ending(lane, record), record.nanos(), effects);
        } else if (lane.timeoutNotice != null) {
            timedOut(lane, null, effects);
        } else if (!batch.isSettled(index)) {
            counters.cancelled++;
        }
    }

    private static Ending ending(Lane lane, ResultRecord record) {
        return switch (record.status()) {
            case VALUE -> new Ending.Value(record.payload());
            case SKIPPED -> new Ending.Cancelled();
            default -> new Ending.Thrown(record.status(), record.payload(), lane.where());
        };
    }

    private void end(Job job, long index, Ending ending, long ranNanos, Effects effects) {
        counters.count(ending.outcome());
        effects.deliver(job, index, ending);
        if (events.observed()) {
            effects.then(() -> events.taskDone(job, index, ending.outcome(), ranNanos));
        }
        if (job.single()) {
            closeLocked(job, effects);
        }
    }

    private void laneIdle(Lane lane, Effects effects) {
        dispatcher.idle(lane);
        if (!lane.open || events.tracksIdleness()) {
            effects.then(() -> events.laneIdle(lane));
        }
    }

    /** A worker gives back what it has not begun. */
    public void returned(Lane lane, Message.Returned message) throws ProtocolException {
        Effects effects = new Effects();
        lock.lock();
        try {
            Batch batch = lane.find(message.batch());
            if (batch == null) {
                return; // it had ended before the recall arrived
            }
            if (message.from() < batch.done || message.from() > batch.limit) {
                throw new ProtocolException("returned items from " + message.from() + " on, of " + batch.limit);
            }
            takeBack(lane, batch, message.from(), false);
            if (batch.finished()) {
                boolean current = lane.current() == batch;
                lane.inFlight.remove(batch);
                if (lane.idle()) {
                    laneIdle(lane, effects);
                } else if (current) {
                    clock.itemStarted(lane);
                }
            }
            dispatch(effects);
        } finally {
            lock.unlock();
        }
        effects.run();
    }

    private void takeBack(Lane lane, Batch batch, int from, boolean suspect) {
        int count = batch.limit - from;
        if (count == 0) {
            return;
        }
        lane.release(batch, count);
        lane.budget += count;
        batch.limit = from;
        if (batch.job().cancelled) {
            counters.cancelled += count;
        } else {
            Chunk rest = batch.chunk.part(from, from + count);
            queue.addFirst(suspect ? rest.suspect() : rest);
        }
    }

    /** A worker has told where a running item is. */
    public void stack(Lane lane, Message.Stack stack) {
        Effects effects = new Effects();
        lock.lock();
        try {
            TimeoutNotice notice = lane.timeoutNotice;
            if (notice != null && notice.batch().id == stack.batch() && notice.index() == stack.index()) {
                timedOut(lane, stack.stack(), effects);
            } else {
                Batch batch = lane.current();
                if (batch != null && batch.id == stack.batch() && batch.done == stack.index()) {
                    messages.logSlow(batch.job(), batch.jobIndex(stack.index()), lane, stack.stack());
                }
            }
        } finally {
            lock.unlock();
        }
        effects.run();
    }

    /** A running item tells how far it is. */
    public void progress(Lane lane, Message.Progress progress) {
        Job job;
        long index;
        lock.lock();
        try {
            Batch batch = lane.find(progress.batch());
            if (batch == null || batch.job().cancelled) {
                return;
            }
            job = batch.job();
            index = batch.jobIndex(progress.index());
        } finally {
            lock.unlock();
        }
        job.progressed(index, progress.done(), progress.total());
        if (events.observed()) {
            events.taskProgress(job, index, progress.done(), progress.total());
        }
    }

    /**
     * A worker is gone. What it had finished counts, what it had not begun runs elsewhere.
     *
     * @param contents what its flight recorder held, or null
     * @return the item that it was running, whose ending the caller has to decide with {@link #fail}; or null
     */
    public @Nullable Casualty lost(Lane lane, FlightRecorder.@Nullable Contents contents) {
        Effects effects = new Effects();
        Casualty casualty = null;
        lock.lock();
        try {
            if (lane.lost) {
                return null;
            }
            lane.lost = true;
            dispatcher.remove(lane);
            if (contents != null) {
                applyQuietly(lane, contents.finished(), effects);
            }
            if (lane.timeoutNotice != null) {
                timedOut(lane, null, effects);
            }
            casualty = requeue(lane, contents);
            dispatch(effects);
        } finally {
            lock.unlock();
        }
        effects.run();
        return casualty;
    }

    private void applyQuietly(Lane lane, List<ResultRecord> records, Effects effects) {
        try {
            apply(lane, records, true, effects);
        } catch (ProtocolException e) {
            throw new AssertionError("records of a flight recorder are never refused", e);
        }
    }

    /**
     * Puts back what a lost worker had not begun, and finds what it was running. If it had not begun anything it may
     * have died of what it was given (an argument larger than its memory, say): such items get only so many chances.
     */
    private @Nullable Casualty requeue(Lane lane, FlightRecorder.@Nullable Contents contents) {
        Batch current = lane.current();
        if (current == null) {
            return null;
        }
        boolean running = wasRunning(current, contents);
        boolean guilty = running || current.chunk.suspected() + 1 >= MAX_SUSPICIONS;
        List<Batch> batches = new ArrayList<>(lane.inFlight);
        lane.inFlight.clear();
        for (int i = batches.size() - 1; i >= 0; i--) {
            Batch batch = batches.get(i);
            takeBack(lane, batch, batch == current && guilty ? batch.done + 1 : batch.done, !running);
        }
        if (!guilty || current.isSettled(current.done) || current.job().cancelled) {
            return null;
        }
        if (current.chunk.attempt() < current.job().settings().retries()) {
            queue.addFirst(current.chunk.again(current.done));
            return null;
        }
        return new Casualty(current.chunk, current.done);
    }

    /** Without a recorder every result is sent before the next item begins, so the first unfinished one was running. */
    private static boolean wasRunning(Batch batch, FlightRecorder.@Nullable Contents contents) {
        return contents == null
                || (contents.started() && contents.batch() == batch.id && contents.index() == batch.done);
    }

    /** An item that a worker took with it. */
    public record Casualty(Chunk chunk, int offset) {
        /** Returns the job. */
        public Job job() {
            return chunk.job();
        }

        /** Names the item. */
        public String describe() {
            return job().describe(chunk.first() + offset);
        }
    }

    /** Decides how an item ended that a worker took with it. */
    public void fail(Casualty casualty, Supplier<? extends ProcessPoolException> error) {
        Effects effects = new Effects();
        lock.lock();
        try {
            Job job = casualty.job();
            if (!job.cancelled && !job.closed) {
                end(
                        job,
                        casualty.chunk().first() + casualty.offset(),
                        new Ending.Failed(TaskOutcome.WORKER_LOST, error),
                        0,
                        effects);
            }
        } finally {
            lock.unlock();
        }
        effects.run();
    }

    // ---- time -----------------------------------------------------------------------------------------------------

    /** The timer of a lane has fired. */
    private void check(Lane lane) {
        Effects effects = new Effects();
        lock.lock();
        try {
            Batch batch = lane.current();
            TaskClock.Verdict verdict = clock.look(lane);
            if (batch == null || lane.lost) {
                return;
            }
            if (verdict == TaskClock.Verdict.SLOW) {
                TaskClock.askForStack(lane, batch, effects);
            } else if (verdict == TaskClock.Verdict.TIMED_OUT) {
                expire(lane, batch, effects);
            }
        } finally {
            lock.unlock();
        }
        effects.run();
    }

    private void expire(Lane lane, Batch batch, Effects effects) {
        batch.settle(batch.done);
        TimeoutNotice notice = new TimeoutNotice(batch, batch.done, clock.now() - lane.currentSince);
        lane.timeoutNotice = notice;
        stopItem(lane, batch, "timed out", effects);
        clock.later(STACK_WAIT_NANOS, () -> stackIsLate(lane, notice));
    }

    private void stackIsLate(Lane lane, TimeoutNotice notice) {
        Effects effects = new Effects();
        lock.lock();
        try {
            if (lane.timeoutNotice == notice) {
                timedOut(lane, null, effects);
            }
        } finally {
            lock.unlock();
        }
        effects.run();
    }

    private void timedOut(Lane lane, @Nullable Bytes stack, Effects effects) {
        TimeoutNotice notice = lane.timeoutNotice;
        lane.timeoutNotice = null;
        if (notice == null) {
            return;
        }
        Job job = notice.batch().job();
        if (job.cancelled || job.closed) {
            return;
        }
        long index = notice.batch().jobIndex(notice.index());
        String message = messages.timedOut(job, index, lane);
        Supplier<TaskTimeoutException> error =
                () -> new TaskTimeoutException(message, messages.decodeStack(job, stack));
        end(job, index, new Ending.Failed(TaskOutcome.TIMEOUT, error), notice.ranNanos(), effects);
    }

    // ---- dispatch -------------------------------------------------------------------------------------------------

    private void dispatch(Effects effects) {
        List<Lane> started = new ArrayList<>(2);
        dispatcher.dispatch(effects, clock, started);
        for (Lane lane : started) {
            observeStarted(lane, effects);
        }
        for (Lane lane : dispatcher.takeSpent()) {
            effects.then(() -> events.laneSpent(lane));
        }
        if (queue.items() < defaults.queueCapacity()) {
            roomInQueue.signalAll();
        }
        if (queue.items() > 0) {
            effects.then(events::workWaiting);
        } else if (!rebalancing && dispatcher.unbalanced()) {
            rebalancing = true;
            clock.later(REBALANCE_NANOS, this::rebalance);
        }
    }

    private void observeStarted(Lane lane, Effects effects) {
        Batch batch = lane.current();
        if (batch != null && !lane.startObserved && events.observed()) {
            lane.startObserved = true;
            long index = batch.jobIndex(batch.done);
            long waited = lane.currentSince - batch.chunk.queuedAt();
            effects.then(() -> events.taskStarted(batch.job(), index, lane, waited));
        }
    }

    private void rebalance() {
        Effects effects = new Effects();
        lock.lock();
        try {
            rebalancing = dispatcher.rebalance(effects, clock.now());
            if (rebalancing) {
                clock.later(REBALANCE_NANOS, this::rebalance);
            }
        } finally {
            lock.unlock();
        }
        effects.run();
    }

    // ---- the pool's life ------------------------------------------------------------------------------------------

    /** Takes no more jobs; those that pull items without end stop. */
    public void refuse(Supplier<ProcessPoolException> reason) {
        List<Job> open;
        boolean drained;
        lock.lock();
        try {
            refusal = reason;
            roomInQueue.signalAll();
            open = List.copyOf(openJobs);
            drained = open.isEmpty();
        } finally {
            lock.unlock();
        }
        for (Job job : open) {
            job.poolShutdown();
        }
        if (drained) {
            events.drained();
        }
    }

    /** Ends all jobs with an exception. */
    public void abandonAll(Supplier<ProcessPoolException> reason) {
        Effects effects = new Effects();
        lock.lock();
        try {
            for (Job job : List.copyOf(openJobs)) {
                abandon(job, reason, effects);
            }
        } finally {
            lock.unlock();
        }
        effects.run();
    }

    private void abandon(Job job, Supplier<ProcessPoolException> reason, Effects effects) {
        int items = queue.forget(job);
        for (Lane lane : dispatcher.lanes()) {
            for (Batch batch : lane.inFlight) {
                items += batch.job() == job ? batch.limit - batch.done : 0;
            }
        }
        counters.failed += items;
        job.cancelled = true;
        Ending ending = new Ending.Failed(TaskOutcome.ABANDONED, reason);
        effects.then(() -> job.abandoned(ending));
        closeLocked(job, effects);
    }

    /** No worker can be started: fails all items that wait, and those that come, until a lane opens. */
    public void outage(Supplier<ProcessPoolException> reason) {
        Effects effects = new Effects();
        lock.lock();
        try {
            if (!dispatcher.lanes().isEmpty()) {
                return;
            }
            outage = reason;
            Chunk chunk = queue.peek();
            while (chunk != null) {
                Chunk taken = queue.poll(chunk, chunk.count());
                for (int i = 0; i < taken.count(); i++) {
                    Ending ending = new Ending.Failed(TaskOutcome.ABANDONED, reason);
                    end(taken.job(), taken.first() + i, ending, 0, effects);
                }
                chunk = queue.peek();
            }
            roomInQueue.signalAll();
        } finally {
            lock.unlock();
        }
        effects.run();
    }

    // ---- views, with the lock held --------------------------------------------------------------------------------

    /** Returns the counters; the caller holds the lock. */
    public TaskCounters counters() {
        return counters;
    }

    /** Returns how many items wait; the caller holds the lock. */
    public long queued() {
        return queue.items();
    }

    /** Returns how many items are in the hands of workers; the caller holds the lock. */
    public long active() {
        long active = 0;
        for (Lane lane : dispatcher.lanes()) {
            active += lane.inFlightItems;
        }
        return active;
    }

    /** Returns how many items a lane has ended; the caller holds the lock. */
    public long ended(Lane lane) {
        return lane.tasksEnded;
    }

    /** Returns whether a lane has nothing in flight; the caller holds the lock. */
    public boolean idle(Lane lane) {
        return lane.idle();
    }

    /** Returns the item that a lane runs, or null; the caller holds the lock. */
    public @Nullable RunningTask running(Lane lane) {
        Batch batch = lane.current();
        return batch == null ? null : new RunningTask(batch.job(), batch.jobIndex(batch.done), lane.currentSince);
    }

    /** An item that runs, and since when by {@link System#nanoTime()}. */
    public record RunningTask(Job job, long index, long since) {}
}
