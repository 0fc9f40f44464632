package io.processpool.internal.engine;

import io.processpool.internal.scheduler.Ending;

/**
 * How many bytes of results wait to be taken from a lazy map, and so how many more of its items may be on their way: so many
 * that their results most likely have room, too, and enough to keep the workers busy; none while more wait than are allowed.
 *
 * <p>What waits is of items that were pulled, and so is what has to come before it can be taken. So there always is something to
 * take, or something on its way, or room.
 *
 * <p>Guarded by the mutex of the map.
 */
final class HeldBytes {

    /** So many may wait before nothing more is pulled. */
    static final long LIMIT = Math.min(1L << 28, Runtime.getRuntime().maxMemory() / 8);

    /** How many items may be on their way before it is known how large a result is. */
    private static final int FIRST = 256;

    /** How many items are on their way for each worker, however large their results are. */
    private static final int PER_WORKER = 2;

    /** The average is that of about so many results. */
    private static final int MEMORY = 8;

    private final long limit;

    private long held;

    /** Of a result, times {@link #MEMORY}; or -1. */
    private long average = -1;

    HeldBytes() {
        this(LIMIT);
    }

    /** Makes one with a certain limit. */
    HeldBytes(long limit) {
        this.limit = limit;
    }

    /** Returns how many bytes an ending has. */
    static long of(Ending ending) {
        if (ending instanceof Ending.Value value) {
            return value.payload().length();
        } else if (ending instanceof Ending.Suspect suspect) {
            return suspect.payload().length();
        } else if (ending instanceof Ending.Thrown thrown) {
            return thrown.payload().length();
        }
        return 0;
    }

    /** Returns an ending that holds little more than its own bytes, not all of the frame that they came in. */
    static Ending ownBytes(Ending ending) {
        if (ending instanceof Ending.Suspect suspect && !suspect.payload().isCompact()) {
            return new Ending.Suspect(suspect.payload().copy(), suspect.lane());
        } else if (ending instanceof Ending.Thrown thrown && !thrown.payload().isCompact()) {
            return new Ending.Thrown(thrown.status(), thrown.payload().copy(), thrown.lane());
        }
        return ending;
    }

    /** A result has come. */
    void add(Ending ending) {
        long bytes = of(ending);
        held += bytes;
        average = average < 0 ? MEMORY * bytes : average + bytes - average / MEMORY;
    }

    /** A result was taken. */
    void remove(Ending ending) {
        held -= of(ending);
    }

    /** Returns how many bytes wait. */
    long held() {
        return held;
    }

    /**
     * Returns how many items more may be pulled, which may be less than none.
     *
     * @param onTheirWay how many were pulled and have not ended
     * @param chunk how many travel together
     */
    long room(long onTheirWay, int workers, int chunk) {
        return held > limit ? 0 : onTheWay(limit - held, workers, chunk) - onTheirWay;
    }

    /** Returns how many items at the most to wait for room for: a part, so that there is work under way meanwhile. */
    long part(int workers, int chunk) {
        return Math.max(1, onTheWay(limit, workers, chunk) / 4);
    }

    private long onTheWay(long bytes, int workers, int chunk) {
        long busy = (long) PER_WORKER * workers;
        if (average < 0) {
            return Math.max(FIRST, busy * chunk);
        }
        return average < MEMORY ? Long.MAX_VALUE : Math.max(busy, bytes / (average / MEMORY));
    }
}
