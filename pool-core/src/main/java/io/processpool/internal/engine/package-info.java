/**
 * The pool itself: {@link io.processpool.internal.engine.PoolEngine} wires everything and owns the life cycle, the
 * {@link io.processpool.internal.engine.Fleet} owns the workers.
 */
@NullMarked
package io.processpool.internal.engine;

import org.jspecify.annotations.NullMarked;
