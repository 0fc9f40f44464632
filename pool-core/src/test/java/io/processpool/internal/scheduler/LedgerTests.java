package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.testing.ManualTimer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LedgerTests {

    private final ReentrantLock lock = new ReentrantLock();
    private final RecordedEvents events = new RecordedEvents(lock);
    private final TaskClock clock = new TaskClock(new ManualTimer(), System::nanoTime, 0, lane -> {});
    private final Ledger ledger = new Ledger(lock, SchedulerFixture.DEFAULTS, events, events, clock, 2);

    // An item whose ending is booked ends at most once: if that is not told now, it never is.
    @Test
    void locked_changeFailsHalfWay_whatItHadDecidedIsToldAllTheSame() {
        List<String> told = new ArrayList<>();
        OutOfMemoryError failure = new OutOfMemoryError("Java heap space");

        assertThatThrownBy(() -> ledger.locked(effects -> {
                    effects.then(() -> told.add("locked: " + lock.isLocked()));
                    throw failure;
                }))
                .isSameAs(failure);

        assertThat(told).containsExactly("locked: false");
    }
}
