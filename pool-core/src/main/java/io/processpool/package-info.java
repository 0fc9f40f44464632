/**
 * The public API of ProcessPool: a pool of worker processes (child JVMs) modelled on Python's
 * {@code multiprocessing.Pool}.
 *
 * <p>Start at {@link io.processpool.ProcessPool}. Everything under {@code io.processpool.internal} is an
 * implementation detail and may change without notice.
 */
@NullMarked
package io.processpool;

import org.jspecify.annotations.NullMarked;
