package io.processpool.internal.scheduler;

/**
 * An item that a lost worker took with it, or of which it is taken to have died.
 *
 * @param chunk the chunk that it belongs to
 * @param offset its place in there
 * @param suspicions how many workers have died that had it and had not begun it, if that is why; 0 if it was running
 */
public record Casualty(Chunk chunk, int offset, int suspicions) {

    /** Returns the job. */
    public Job job() {
        return chunk.job();
    }

    /** Names the item. */
    public String describe() {
        return job().describe(chunk.first() + offset);
    }

    /** Says when the worker was lost, to follow "was lost". */
    public String when() {
        return suspicions == 0
                ? "while it ran " + describe()
                : "before it had begun " + describe() + ", as were " + (suspicions - 1)
                        + " others that had been sent it, so it is taken to be the cause";
    }
}
