package io.processpool.internal.scheduler;

import io.processpool.PoolSaturatedException;
import io.processpool.ProcessPoolException;
import io.processpool.Saturation;
import io.processpool.TaskOutcome;
import io.processpool.internal.FirstFailure;
import io.processpool.internal.Nanos;
import io.processpool.internal.TaskDefaults;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.FlightRecorder;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Knows every item from its acceptance to its end, and which worker runs which.
 *
 * <pre>
 *   caller            |  scheduler                               |  worker
 *   ------------------+------------------------------------------+------------------
 *   submit(chunk) ---&gt; TaskQueue --- Dispatcher ---&gt; Lane ------&gt;  Tasks
 *                     |      ^                        |          |
 *                     |      +---------- returned --- LaneBook &lt;---  Results, Returned
 *                     |      +-------------- lost --- Losses   &lt;---  its death
 *   Job.ended() &lt;------------------------------------ Ending     |
 *                     |                 Deadlines --- Cancel ---&gt;  interrupt
 * </pre>
 *
 * <p>One lock guards the queue, the lanes and the fields of the jobs that say so; the {@link Ledger} holds all of it. The
 * lock is held for bookkeeping only: no I/O, no user code. What is to be done outside gathers in {@link Effects}. A
 * caller that submits to an idle worker writes to its socket itself; results arrive on the loop's thread, which also
 * hands out the next chunks. The methods are safe for use by many threads.
 */
public final class Scheduler {

    private final Ledger ledger;
    private final Deadlines deadlines;
    private final LaneBook lanes;
    private final Losses losses;

    /** Makes a scheduler that shares the pool's lock. */
    public Scheduler(
            ReentrantLock lock,
            TaskDefaults defaults,
            SchedulerEvents events,
            ScheduledExecutorService timer,
            TaskMessages messages) {
        this(
                lock,
                defaults,
                events,
                timer,
                messages,
                System::nanoTime,
                Runtime.getRuntime().availableProcessors());
    }

    /** Makes one for a certain time and a machine with so many processors. */
    Scheduler(
            ReentrantLock lock,
            TaskDefaults defaults,
            SchedulerEvents events,
            ScheduledExecutorService timer,
            TaskMessages messages,
            LongSupplier nanoTime,
            int processors) {
        TaskClock clock = new TaskClock(timer, nanoTime, Nanos.orZero(defaults.slowThreshold()), this::check);
        this.ledger = new Ledger(lock, defaults, events, messages, clock, processors);
        this.deadlines = new Deadlines(ledger);
        this.lanes = new LaneBook(ledger, deadlines);
        this.losses = new Losses(ledger, deadlines, lanes);
    }

    private void check(Lane lane) {
        deadlines.check(lane);
    }

    /** Returns the functions in use. */
    public Functions functions() {
        return ledger.functions;
    }

    // ---- jobs -----------------------------------------------------------------------------------------------------

    /**
     * Takes a job that consists of one item. Waits for room in the queue, or refuses, as configured. If it throws, the job is
     * cancelled.
     *
     * @throws ProcessPoolException if the pool does not take it
     */
    public void submit(Job job, Chunk chunk) {
        try {
            ledger.locked(effects -> {
                admit(job);
                enqueue(job, chunk, effects);
            });
        } catch (Error e) { // there is no memory, say: the pool must not wait for what its caller takes to be refused
            cancel(job, true);
            throw e;
        }
    }

    private void admit(Job job) {
        refuseIfClosed();
        while (ledger.queue.singles() >= ledger.defaults.queueCapacity() && !job.cancelled) {
            if (ledger.defaults.saturation() == Saturation.REJECT) {
                ledger.counters.rejected++;
                ledger.events.taskRejected(job.settings().name());
                throw new PoolSaturatedException(
                        job + " was refused: the queue is full: queueCapacity=" + ledger.defaults.queueCapacity() + " "
                                + ledger.messages.suffix(),
                        null);
            }
            awaitRoom(job);
            refuseIfClosed();
        }
        if (!job.cancelled) {
            ledger.openJobs.add(job);
        }
    }

    private void awaitRoom(Job job) {
        try {
            ledger.roomInQueue.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProcessPoolException(
                    "interrupted while waiting for room in the queue for " + job + " " + ledger.messages.suffix(), e);
        }
    }

    private void refuseIfClosed() {
        if (ledger.refusal != null) {
            throw ledger.refusal.get();
        }
    }

    /** Takes a job that will get its items by {@link #feed}; it stays open until {@link #close(Job)}. */
    public void open(Job job) {
        ledger.locked(effects -> {
            refuseIfClosed();
            ledger.openJobs.add(job);
        });
    }

    /**
     * Takes more items of an open job; those of one that was cancelled or abandoned are dropped. If it throws, there is no
     * memory, say, and it is not known whether the items were taken: the job has to be cancelled.
     */
    public void feed(Chunk chunk) {
        ledger.locked(effects -> enqueue(chunk.job(), chunk, effects));
    }

    private void enqueue(Job job, Chunk chunk, Effects effects) {
        if (job.cancelled || job.closed) {
            return;
        }
        ledger.observeQueued(job, chunk.first(), chunk.count());
        Supplier<ProcessPoolException> outage = ledger.outage;
        if (outage != null && ledger.dispatcher.lanes().isEmpty()) {
            ledger.failAll(List.of(chunk), TaskOutcome.ABANDONED, outage, effects);
            ledger.counters.submitted += chunk.count();
            return;
        }
        ledger.dispatcher.prepareStandby(job.function(), effects);
        ledger.queue.addLast(chunk);
        ledger.counters.submitted += chunk.count();
        ledger.dispatch(effects);
    }

    /** An item of an open job has ended before it could be fed. */
    public void endHere(Job job, long index, Ending ending) {
        ledger.locked(effects -> {
            if (job.cancelled || job.closed) {
                return;
            }
            ledger.observeQueued(job, index, 1);
            ledger.end(job, index, ending, 0, effects);
            ledger.counters.submitted++;
        });
    }

    /** The job gets no more items, and all that it had have ended. */
    public void close(Job job) {
        ledger.locked(effects -> ledger.close(job, effects));
    }

    /**
     * Cancels what is left of a job. Items in the queue never run; running ones are, if wanted, interrupted and, after
     * the grace period, killed; also if the job was cancelled before, without that wish. The job itself says what becomes
     * of its handle; it hears no more of the items.
     */
    public void cancel(Job job, boolean interrupt) {
        ledger.locked(effects -> {
            if (job.cancelled && interrupt && !job.interrupt) {
                job.interrupt = true;
                ledger.dispatcher.lanes().forEach(lane -> lanes.stopIfCancelled(lane, effects));
            }
            if (job.cancelled || job.closed) {
                return;
            }
            job.cancelled = true;
            job.interrupt = interrupt;
            ledger.dropQueued(job, TaskOutcome.CANCELLED);
            ledger.roomInQueue.signalAll();
            for (Lane lane : ledger.dispatcher.lanes()) {
                for (Batch batch : lane.inFlight) {
                    if (batch.job() == job) {
                        ledger.dispatcher.recall(lane, batch, effects);
                    }
                }
                lanes.stopIfCancelled(lane, effects);
            }
            ledger.close(job, effects);
        });
    }

    /** Waits until nothing of a job is on its way to a worker. */
    public void awaitSent(Job job) {
        List<Channel> channels = new ArrayList<>();
        ledger.locked(effects -> {
            for (Lane lane : ledger.dispatcher.lanes()) {
                if (lane.inFlight.stream().anyMatch(batch -> batch.job() == job)) {
                    channels.add(lane.channel());
                }
            }
        });
        channels.forEach(Channel::awaitDrained);
    }

    // ---- workers --------------------------------------------------------------------------------------------------

    /** A worker stands by: it gets the functions that are in use, so that it is quick when it is needed. */
    public void standBy(Lane lane) {
        List<FunctionRef> lately = ledger.functions.lately();
        ledger.locked(effects -> {
            if (lane.lost || lane.open) {
                return;
            }
            ledger.dispatcher.standBy(lane);
            lane.channel().enqueue(new Message.StandBy());
            lately.forEach(lane::prepare);
            effects.flush(lane.channel());
        });
    }

    /** A worker takes items from now on. */
    public void open(Lane lane) {
        lanes.open(lane);
    }

    /**
     * A worker takes no more items. What it runs it finishes, what it has not begun it gives back.
     *
     * @return whether it has nothing in flight
     */
    public boolean drain(Lane lane) {
        return lanes.drain(lane);
    }

    /** Results have arrived from a worker. */
    public void results(Lane lane, Bytes records) throws ProtocolException {
        lanes.results(lane, records);
    }

    /** A worker begins with an item that took a while to arrive. */
    public void started(Lane lane, Message.Started started) {
        lanes.started(lane, started);
    }

    /** A worker gives back what it has not begun. */
    public void returned(Lane lane, Message.Returned message) throws ProtocolException {
        lanes.returned(lane, message);
    }

    /** A worker has told where a running item is. */
    public void stack(Lane lane, Message.Stack stack) {
        deadlines.stack(lane, stack);
    }

    /** A running item tells how far it is. */
    public void progress(Lane lane, Message.Progress progress) {
        lanes.progress(lane, progress);
    }

    /**
     * A worker may have said more than could be heard, or left more than can be read. If there is nothing else to tell what it
     * has begun, it is taken to have begun all that it had: nothing is done twice.
     */
    public void misheard(Lane lane) {
        losses.misheard(lane);
    }

    /**
     * A worker is gone. What it had finished counts, what it had not begun runs elsewhere. If this throws, it has to be called
     * again: what it had not come to is still nobody's. To call it again in any case does no harm.
     *
     * @param contents what its flight recorder held, or null
     * @return the item that it was running, whose ending the caller has to decide with {@link #fail}; or null
     */
    public @Nullable Casualty lost(Lane lane, FlightRecorder.@Nullable Contents contents) {
        return losses.lost(lane, contents);
    }

    /** Returns the item that a lost worker was running, as long as its ending is not decided; or null. */
    public @Nullable Casualty undecided(Lane lane) {
        return ledger.<@Nullable Casualty>lockedFor(effects -> ledger.casualties.get(lane));
    }

    /** Decides how an item ended that a worker took with it; only the first call counts. */
    public void fail(Casualty casualty, Supplier<? extends ProcessPoolException> error) {
        losses.fail(casualty, error);
    }

    // ---- the pool's life ------------------------------------------------------------------------------------------

    /** Takes no more jobs; those that pull items without end stop. */
    public void refuse(Supplier<ProcessPoolException> reason) {
        List<Job> open = new ArrayList<>();
        ledger.locked(effects -> {
            ledger.refusal = reason;
            ledger.roomInQueue.signalAll();
            open.addAll(ledger.openJobs.all());
            if (open.isEmpty()) {
                effects.then(ledger.events::drained);
            }
        });
        FirstFailure failure = new FirstFailure();
        for (Job job : open) {
            failure.run(job::poolShutdown); // whatever one throws, the others wait for that
        }
        failure.throwIfAny();
    }

    /** Ends all jobs with an exception. */
    public void abandonAll(Supplier<ProcessPoolException> reason) {
        ledger.locked(effects -> {
            for (Job job : ledger.openJobs.all()) {
                abandon(job, reason, effects);
            }
        });
    }

    private void abandon(Job job, Supplier<ProcessPoolException> reason, Effects effects) {
        ledger.dropQueued(job, TaskOutcome.ABANDONED);
        for (Lane lane : ledger.dispatcher.lanes()) {
            for (Batch batch : lane.inFlight) {
                for (int i = batch.done; batch.job() == job && i < batch.limit; i++) {
                    ledger.drop(batch, i, TaskOutcome.ABANDONED);
                }
            }
        }
        job.cancelled = true;
        Ending ending = new Ending.Failed(TaskOutcome.ABANDONED, reason);
        effects.then(() -> job.abandoned(ending));
        ledger.close(job, effects);
    }

    /** No worker can be started: fails all items that wait, and those that come, until a lane opens. */
    public void outage(Supplier<ProcessPoolException> reason) {
        ledger.locked(effects -> {
            if (!ledger.dispatcher.lanes().isEmpty()) {
                return;
            }
            ledger.outage = reason;
            Chunk chunk = ledger.queue.peek();
            while (chunk != null) {
                ledger.failAll(List.of(chunk), TaskOutcome.ABANDONED, reason, effects);
                ledger.queue.shorten(chunk, null);
                chunk = ledger.queue.peek();
            }
            ledger.roomInQueue.signalAll();
        });
    }

    // ---- views, for callers that hold the lock --------------------------------------------------------------------

    /** Returns the counters. */
    public TaskCounters counters() {
        return ledger.counters;
    }

    /** Returns how many more single tasks the queue takes. */
    public long room() {
        return Math.max(0, ledger.defaults.queueCapacity() - ledger.queue.singles());
    }

    /** Returns how many items wait. */
    public long queued() {
        return ledger.queue.items();
    }

    /** Returns how many items are in the hands of workers and have not ended. */
    public long active() {
        long active = 0;
        for (Casualty casualty : ledger.casualties.values()) {
            active += casualty.count();
        }
        for (Lane lane : ledger.dispatcher.lanes()) {
            active += lane.active();
        }
        return active;
    }

    /** Returns how many items a lane has ended. */
    public long ended(Lane lane) {
        return lane.tasksEnded;
    }

    /** Returns whether a lane has nothing in flight. */
    public boolean idle(Lane lane) {
        return lane.idle();
    }

    /** Returns the item that a lane runs, or null. */
    public @Nullable RunningTask running(Lane lane) {
        Batch batch = lane.current();
        return batch == null ? null : new RunningTask(batch.job(), batch.jobIndex(batch.done), lane.currentSince);
    }

    /** An item that runs, and since when by {@link System#nanoTime()}. */
    public record RunningTask(Job job, long index, long since) {}
}
