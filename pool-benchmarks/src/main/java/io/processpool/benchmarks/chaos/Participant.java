package io.processpool.benchmarks.chaos;

import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/** A thread that gives pools work as long as a run goes on, and keeps the book. */
abstract class Participant extends Thread {

    final Book book;
    final Violations violations;
    final SplittableRandom random;
    private final BooleanSupplier goesOn;

    Participant(String name, Book book, Violations violations, SplittableRandom random, BooleanSupplier goesOn) {
        super(name);
        setDaemon(true);
        this.book = book;
        this.violations = violations;
        this.random = random;
        this.goesOn = goesOn;
    }

    @Override
    public final void run() {
        try {
            boolean more = true;
            while (more && goesOn.getAsBoolean()) {
                more = act();
            }
        } catch (Throwable e) { // would end unseen
            violations.note(getName() + " failed: " + e);
        }
    }

    /** Does something to a pool; returns whether there is something left to do. */
    abstract boolean act() throws InterruptedException;
}
