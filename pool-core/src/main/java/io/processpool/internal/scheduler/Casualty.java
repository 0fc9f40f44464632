package io.processpool.internal.scheduler;

/**
 * An item that a lost worker took with it.
 *
 * @param chunk the chunk that it belongs to
 * @param offset its place in there
 */
public record Casualty(Chunk chunk, int offset) {

    /** Returns the job. */
    public Job job() {
        return chunk.job();
    }

    /** Names the item. */
    public String describe() {
        return job().describe(chunk.first() + offset);
    }
}
