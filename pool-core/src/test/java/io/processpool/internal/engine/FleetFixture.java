package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.Mode;
import io.processpool.PoolListener;
import io.processpool.Saturation;
import io.processpool.WorkerSnapshot;
import io.processpool.WorkerStartException;
import io.processpool.internal.PoolConfig;
import io.processpool.internal.RecyclePolicy;
import io.processpool.internal.SampleLaunch;
import io.processpool.internal.TaskDefaults;
import io.processpool.internal.Trust;
import io.processpool.internal.process.WorkerProcess;
import io.processpool.internal.scheduler.Scheduler;
import io.processpool.internal.transport.Lookout;
import io.processpool.testing.ManualTimer;
import io.processpool.testing.Scarcity;
import java.io.ObjectInputFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A {@link Fleet} among fakes: no process, no socket, no thread. What housekeeping has to do waits for the test. */
final class FleetFixture implements EngineCore, WorkerFactory {

    /** What it takes to change anything. */
    final Scarcity memory = new Scarcity();

    final ReentrantLock lock = new ReentrantLock() {
        @Override
        public void lock() {
            memory.take();
            super.lock();
        }
    };

    final ManualTimer timer = new ManualTimer();
    final ManualExecutor housekeeping = new ManualExecutor();
    final List<FakeProcess> processes = new ArrayList<>();
    final Fleet fleet;
    boolean empty;
    private final PoolConfig config;
    private final ListenerRelay listeners;
    private final Dumps dumps = new Dumps();
    final Scheduler scheduler;
    final FleetEvents events = new FleetEvents(this);

    /** What happens to the next who launches a worker, or null. */
    @Nullable
    Error nextLaunch;

    FleetFixture(int workers, int standby, PoolListener... listeners) {
        this(new RecyclePolicy(0, null, 0, null, -1), workers, standby, listeners);
    }

    FleetFixture(RecyclePolicy policy, int workers, int standby, PoolListener... listeners) {
        Duration minute = Duration.ofMinutes(1);
        this.config = new PoolConfig(
                "fleet",
                Mode.PROCESS,
                workers,
                standby,
                policy,
                new TaskDefaults(null, minute, null, 10, Saturation.BLOCK),
                new SampleLaunch().startTimeout(minute).withoutSharing().make(),
                null,
                null,
                null,
                Trust.FULL,
                minute,
                false,
                minute,
                List.of(listeners),
                List.of(),
                List.of(),
                Set.of());
        this.listeners = new ListenerRelay("fleet", config.listeners(), housekeeping);
        this.scheduler = new Scheduler(lock, config.tasks(), events, timer, events);
        this.fleet = new Fleet(this, scheduler);
        fleet.start(this);
    }

    @Override
    public Lookout lookout() {
        return new Lookout();
    }

    @Override
    public WorkerProcess launch(Worker worker) {
        Error failure = nextLaunch;
        nextLaunch = null;
        if (failure != null) {
            throw failure;
        }
        FakeProcess process = new FakeProcess(this, worker);
        processes.add(process);
        return process;
    }

    @Override
    public void close() {
        listeners.close();
    }

    // ---- what the test asks for -----------------------------------------------------------------------------------

    /** Lets housekeeping do what it has to, and all workers that were launched connect and be ready. */
    void settle() {
        boolean again = true;
        while (again) {
            again = housekeeping.runAll() > 0;
            for (FakeProcess process : List.copyOf(processes)) {
                again |= process.goOn();
            }
        }
    }

    /** Returns the workers of a kind, by slot and generation, like {@code 0.1}. */
    List<String> workers(Predicate<Worker> which) {
        return lockedFor(after -> fleet.workers().stream()
                .filter(which)
                .map(worker -> worker.slot() + "." + worker.generation())
                .sorted()
                .toList());
    }

    List<String> serving() {
        return workers(Worker::serving);
    }

    List<String> standby() {
        return workers(worker -> worker.phase() == Phase.STANDBY);
    }

    /** Returns whom the user means by an id. */
    String find(int id) {
        return lockedFor(after -> fleet.find(id).slot() + "." + fleet.find(id).generation());
    }

    /** Says that a worker will soon have been given its last task. */
    void runOut(String name) {
        fleet.runsOut(worker(name).lane);
    }

    /** Says that a worker has been given its last task; it has ended that as well. */
    void spend(String name) {
        fleet.spent(worker(name).lane);
    }

    Worker worker(String name) {
        return lockedFor(after -> fleet.workers().stream()
                .filter(worker -> name.equals(worker.slot() + "." + worker.generation()))
                .findFirst()
                .orElseThrow());
    }

    // ---- EngineCore -----------------------------------------------------------------------------------------------

    @Override
    public PoolConfig config() {
        return config;
    }

    @Override
    public <T extends @Nullable Object> T lockedFor(Function<After, T> change) {
        assertThat(lock.isHeldByCurrentThread()).as("the lock is held already").isFalse();
        After after = new After();
        T result;
        lock.lock();
        try {
            result = change.apply(after);
        } finally {
            lock.unlock();
        }
        after.runAll();
        return result;
    }

    @Override
    public @Nullable ObjectInputFilter filter() {
        return null;
    }

    @Override
    public ScheduledExecutorService timer() {
        return timer;
    }

    @Override
    public Executor housekeeping() {
        return housekeeping;
    }

    @Override
    public ListenerRelay listeners() {
        return listeners;
    }

    @Override
    public Dumps dumps() {
        return dumps;
    }

    @Override
    public WorkerSnapshot snapshot(Worker worker) {
        return Snapshots.of(worker, scheduler);
    }

    @Override
    public String suffix() {
        return "(pool=fleet, busy=0, idle=0, queued=0)";
    }

    @Override
    public WorkerStartException startException(Throwable cause) {
        return new WorkerStartException("no worker can be started", cause);
    }

    @Override
    public void workersGone() {
        empty = true;
    }
}
