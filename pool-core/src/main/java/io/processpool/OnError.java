package io.processpool;

/** What {@code map} does when an item fails. */
public enum OnError {
    /**
     * As Python: the other items run to their end, then the first failure by index is thrown. Up to 50 of the others are
     * suppressed in it; a lazy map delivers them all.
     */
    WAIT_ALL,
    /** The first failure cancels the items that have not ended, and is thrown at once. */
    FAIL_FAST
}
