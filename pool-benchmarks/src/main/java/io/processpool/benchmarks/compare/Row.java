package io.processpool.benchmarks.compare;

import java.util.List;

/**
 * One line of the table: what is measured and what it must reach.
 *
 * @param name for readers
 * @param unit of its figures
 * @param targets what the pool must reach
 */
record Row(String name, Unit unit, List<Target> targets) {

    Row(String name, Unit unit, Target... targets) {
        this(name, unit, List.of(targets));
    }
}
