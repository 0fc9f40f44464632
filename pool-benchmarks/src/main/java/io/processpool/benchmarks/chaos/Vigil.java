package io.processpool.benchmarks.chaos;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Waits for the threads of a run, and has somebody say now and then how far it is. */
final class Vigil {

    private static final Duration PROGRESS = Duration.ofSeconds(5);

    private final long start;
    private final Duration limit;
    private final long lookNanos;

    /**
     * Makes one.
     *
     * @param start when the run has begun, by {@link System#nanoTime()}
     * @param limit how long it may take
     * @param lookNanos how often to look
     */
    Vigil(long start, Duration limit, long lookNanos) {
        this.start = start;
        this.limit = limit;
        this.lookNanos = lookNanos;
    }

    /**
     * Waits until all threads have ended; notes a violation if they do not.
     *
     * @param progress is told now and then for how long the run goes on
     * @param look is done each time
     */
    void over(List<? extends Thread> threads, Violations violations, Consumer<Duration> progress, Runnable look) {
        long nextWord = PROGRESS.toNanos();
        while (threads.stream().anyMatch(Thread::isAlive)) {
            long elapsed = System.nanoTime() - start;
            if (elapsed > limit.toNanos()) {
                violations.note("threads wait for ever: "
                        + threads.stream()
                                .filter(Thread::isAlive)
                                .map(Thread::getName)
                                .toList());
                return;
            }
            if (elapsed > nextWord) {
                nextWord += PROGRESS.toNanos();
                progress.accept(Duration.ofNanos(elapsed));
            }
            look.run();
            LockSupport.parkNanos(lookNanos);
        }
    }

    /** Waits until something holds, for so long at the most; returns whether it does. */
    static boolean until(BooleanSupplier condition, Duration limit, long lookNanos) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start >= limit.toNanos()) {
                return false;
            }
            LockSupport.parkNanos(lookNanos);
        }
        return true;
    }
}
