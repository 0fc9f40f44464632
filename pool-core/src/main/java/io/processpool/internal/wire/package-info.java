/** Frames and messages: what travels between the pool and a worker. See {@link io.processpool.internal.wire.Frame}. */
@NullMarked
package io.processpool.internal.wire;

import org.jspecify.annotations.NullMarked;
