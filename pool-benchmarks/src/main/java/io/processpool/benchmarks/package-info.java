/** Measures the pool. {@link io.processpool.benchmarks.Figures} prints the figures of the README in one run. */
@NullMarked
package io.processpool.benchmarks;

import org.jspecify.annotations.NullMarked;
