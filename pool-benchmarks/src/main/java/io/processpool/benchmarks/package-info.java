/**
 * Measures the pool. {@code Main} hands over to the comparison with its peers, in {@code compare}, or to JMH, whose
 * benchmarks of the pool alone are here.
 */
@NullMarked
package io.processpool.benchmarks;

import org.jspecify.annotations.NullMarked;
