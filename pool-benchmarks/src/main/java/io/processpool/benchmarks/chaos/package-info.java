/** The command {@code chaos}: pools under faults, with an account of every task and of everything that could be left. */
@NullMarked
package io.processpool.benchmarks.chaos;

import org.jspecify.annotations.NullMarked;
