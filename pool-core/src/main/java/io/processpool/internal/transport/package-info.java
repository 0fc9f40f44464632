/**
 * The channel between the pool and one worker: a Unix domain socket (or loopback TCP) that carries frames, or, for
 * workers inside this process, two queues. One thread per pool, the {@link io.processpool.internal.transport.IoLoop},
 * does all reading and what is left of writing.
 */
@NullMarked
package io.processpool.internal.transport;

import org.jspecify.annotations.NullMarked;
