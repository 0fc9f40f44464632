package io.processpool.internal.transport;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Lets a thread that has nothing to do but to wait for a message look for it by itself, for a moment, where connections go
 * through shared memory. To be woken takes longer than most short tasks; looking costs nobody anything as long as a
 * processor is free. One thread at a time does it. It hears all messages that come meanwhile, whomever they are for.
 *
 * <p>How long it looks: {@link #LOOK_NANOS} and as long as it is expected to take, from the last message on, at most; not at
 * all on a single processor; no longer than until it notices that another thread wants the processor, or that it is
 * interrupted; and more and more rarely as long as that was in vain.
 *
 * <p>Safe for use by many threads, but for {@link #busy} and {@link #rest}: those are for a process whose messages are for
 * one thread.
 */
public final class Lookout {

    /** To be woken takes about as long. */
    public static final long LOOK_NANOS = 50_000;

    /** What takes longer is not worth it: then to be woken is a small part of it. */
    static final long MAX_EXPECTED_NANOS = 8 * LOOK_NANOS;

    /** A yield takes less, unless another thread has run meanwhile. */
    private static final long YIELD_NANOS = 10_000;

    private static final int ROUNDS_BETWEEN_YIELDS = 50;
    private static final int MAX_SKIPPED = 64;
    private static final boolean SEVERAL_PROCESSORS = Runtime.getRuntime().availableProcessors() > 1;

    private final AtomicBoolean taken = new AtomicBoolean();
    private volatile RingInlet[] inlets = new RingInlet[0];

    // Only the thread that has taken the lookout; the first is also read without it, as a hint.
    private volatile int toSkip;
    private int skip = 1;

    synchronized void add(RingInlet inlet) {
        RingInlet[] more = Arrays.copyOf(inlets, inlets.length + 1);
        more[more.length - 1] = inlet;
        inlets = more;
    }

    synchronized void remove(RingInlet inlet) {
        inlets = Arrays.stream(inlets).filter(other -> other != inlet).toArray(RingInlet[]::new);
    }

    /** Whether a thread is looking. */
    boolean isTaken() {
        return taken.get();
    }

    /**
     * Looks for messages until a condition holds that one of them will make true, if that promises to be soon.
     *
     * @param expectedNanos how long it will take, as far as is known
     * @return whether it holds
     */
    public boolean until(BooleanSupplier condition, long expectedNanos) {
        if (inlets.length > 0
                && SEVERAL_PROCESSORS
                && expectedNanos <= MAX_EXPECTED_NANOS
                && mayLook()
                && taken.compareAndSet(false, true)) {
            try {
                for (RingInlet inlet : inlets) {
                    inlet.awake();
                }
                look(condition, LOOK_NANOS + expectedNanos);
            } finally {
                taken.set(false);
                rest();
            }
        }
        return condition.getAsBoolean();
    }

    private boolean mayLook() {
        int left = toSkip;
        if (left > 0) {
            toSkip = left - 1; // if two threads do so at once, one more looks
            return false;
        }
        return !isVirtual(Thread.currentThread());
    }

    /** A virtual thread would keep its carrier from others. Those of JDK 17 are never virtual. */
    private static boolean isVirtual(Thread thread) {
        ThreadGroup group = thread.getThreadGroup();
        return group != null && group.getName().equals("VirtualThreads");
    }

    private void look(BooleanSupplier condition, long nanos) {
        long until = System.nanoTime() + nanos;
        for (int round = 1; !condition.getAsBoolean(); round++) {
            for (RingInlet inlet : inlets) {
                if (inlet.look()) {
                    until = System.nanoTime() + nanos;
                }
            }
            if (round % ROUNDS_BETWEEN_YIELDS == 0
                    && (!yielded(until) || Thread.currentThread().isInterrupted())) {
                toSkip = skip;
                skip = Math.min(2 * skip, MAX_SKIPPED);
                return;
            }
            Thread.onSpinWait();
        }
        skip = 1;
    }

    /** Lets others run; returns whether there are none, and there is time left. */
    private static boolean yielded(long until) {
        long before = System.nanoTime();
        if (before - until >= 0) {
            return false;
        }
        Thread.yield();
        return System.nanoTime() - before < YIELD_NANOS;
    }

    /** The calling thread, for which the messages are, does something else, and will {@link #look} after that. */
    public void busy() {
        for (RingInlet inlet : inlets) {
            inlet.busy();
        }
    }

    /** Hears what has come. */
    public void look() {
        for (RingInlet inlet : inlets) {
            inlet.catchUp();
        }
    }

    /** Nobody looks from now on: who sends something has to wake whom it is for. */
    public void rest() {
        for (RingInlet inlet : inlets) {
            inlet.sleep();
        }
    }
}
