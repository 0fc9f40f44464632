package io.processpool.internal.scheduler;

import java.util.List;

/**
 * An item that a lost worker took with it, or of which it is taken to have died. With it others that the worker had begun
 * before, should nobody have heard how these have ended: they must not begin again.
 *
 * @param lane the worker
 * @param items all of them, at least one, in the order in which the worker had them; the item is the last
 * @param suspicions how many workers have died that had it and had not begun it, if that is why; 0 if it was running
 */
public record Casualty(Lane lane, List<Chunk> items, int suspicions) {

    private Chunk last() {
        return items.get(items.size() - 1);
    }

    /** Returns the job. */
    public Job job() {
        return last().job();
    }

    /** Returns the place of the item in its job. */
    long index() {
        return last().first() + last().count() - 1;
    }

    /** Returns how many items there are, with those that were begun before. */
    long count() {
        long count = 0;
        for (int i = 0; i < items.size(); i++) {
            count += items.get(i).count();
        }
        return count;
    }

    /** Names the item. */
    public String describe() {
        return job().describe(index());
    }

    /** Says when the worker was lost, to follow "was lost". */
    public String when() {
        if (suspicions > 0) {
            return "before it had begun " + describe() + ", as were " + (suspicions - 1)
                    + " others that had been sent it, so it is taken to be the cause";
        }
        return "while it ran " + describe()
                + (count() == 1 ? "" : ", and nobody has heard how " + (count() - 1) + " others ended before that");
    }
}
