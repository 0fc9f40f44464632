package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.TaskOutcome;
import io.processpool.testing.Scarcity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A job that keeps what it is told, and refuses to be told twice. */
final class RecordedJob extends Job {

    private final ReentrantLock lock;
    private final boolean single;
    private final TreeMap<Long, Ending> endings = new TreeMap<>();
    private final List<Long> order = new ArrayList<>();
    private final List<String> progress = new ArrayList<>();
    private @Nullable Ending abandoned;
    private boolean shutdown;

    /** What it takes to book an end of an item that a worker tells. */
    final Scarcity memory = new Scarcity();

    /** Whether the test has cancelled it, after which it must hear nothing. */
    private boolean deaf;

    RecordedJob(long id, FunctionRef function, Settings settings, boolean single, ReentrantLock lock) {
        super(id, function, settings);
        this.single = single;
        this.lock = lock;
    }

    @Override
    public boolean single() {
        return single;
    }

    @Override
    protected Ending accept(long index, Ending ending) {
        assertThat(lock.isHeldByCurrentThread()).isTrue();
        memory.take();
        return super.accept(index, ending);
    }

    @Override
    protected void ended(long first, List<Ending> newEndings) {
        assertThat(lock.isHeldByCurrentThread()).as("told under the lock").isFalse();
        assertThat(newEndings).isNotEmpty();
        for (int i = 0; i < newEndings.size(); i++) {
            long index = first + i;
            assertThat(deaf).as("told of item %d after it was cancelled", index).isFalse();
            assertThat(abandoned)
                    .as("told of item %d after it was abandoned", index)
                    .isNull();
            Ending before = endings.put(index, newEndings.get(i));
            assertThat(before)
                    .as("an earlier end of item %d of %s", index, this)
                    .isNull();
            order.add(index);
        }
    }

    @Override
    protected void progressed(long index, long done, long total) {
        assertThat(lock.isHeldByCurrentThread()).as("told under the lock").isFalse();
        progress.add(index + ": " + done + "/" + total);
    }

    @Override
    protected void abandoned(Ending ending) {
        assertThat(lock.isHeldByCurrentThread()).as("told under the lock").isFalse();
        assertThat(abandoned).as("abandoned before").isNull();
        abandoned = ending;
    }

    @Override
    protected void poolShutdown() {
        assertThat(lock.isHeldByCurrentThread()).as("told under the lock").isFalse();
        shutdown = true;
    }

    void goDeaf() {
        deaf = true;
    }

    /** Returns how the items have ended. */
    Map<Long, Ending> endings() {
        return endings;
    }

    /** Returns how an item has ended, or null. */
    @Nullable
    TaskOutcome outcome(long index) {
        Ending ending = endings.get(index);
        return ending == null ? null : ending.outcome();
    }

    /** Returns the items in the order in which they ended. */
    List<Long> order() {
        return order;
    }

    List<String> progress() {
        return progress;
    }

    @Nullable
    Ending abandonment() {
        return abandoned;
    }

    boolean toldOfShutdown() {
        return shutdown;
    }

    boolean isDeaf() {
        return deaf;
    }
}
