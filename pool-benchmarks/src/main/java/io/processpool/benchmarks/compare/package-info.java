/**
 * The comparison: the same work done by the pool and by its peers, side by side. {@code Compare} runs the experiments of
 * {@code Catalogue} one after the other; each yields rows, which {@code Console}, {@code Markdown} and {@code Chart} show.
 */
@NullMarked
package io.processpool.benchmarks.compare;

import org.jspecify.annotations.NullMarked;
