package io.processpool;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An immutable look at one task, without its argument or result.
 *
 * @param id the number of the task (see {@link TaskFuture#id()}); items of one map share the id of the map
 * @param index the position of the item within its map, 0 for a single task
 * @param name the name from the options, or one derived from the function
 * @param startedAt when it began to run in the worker, or null if it has not
 */
public record TaskSnapshot(
        long id, long index, String name, @Nullable Instant startedAt) {}
