package io.processpool.internal.scheduler;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.FunctionKind;

/**
 * A function as the pool knows it.
 *
 * @param id the number by which batches refer to it; 0 if each item is its own function
 * @param kind how it is called
 * @param encoded what is sent to a worker that does not know it yet
 * @param estimate how long its items take
 * @param loader what decodes its results
 * @param name a name for people
 */
public record FunctionRef(
        int id, FunctionKind kind, Bytes encoded, DurationEstimate estimate, ClassLoader loader, String name) {}
