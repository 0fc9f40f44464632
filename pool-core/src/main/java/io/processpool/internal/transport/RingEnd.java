package io.processpool.internal.transport;

/**
 * One side's end of {@link RingMemory}.
 *
 * @param out where it writes
 * @param in where it reads
 */
record RingEnd(RingWriter out, RingReader in) {}
