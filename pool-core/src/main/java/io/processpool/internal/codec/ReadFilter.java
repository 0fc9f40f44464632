package io.processpool.internal.codec;

import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The filter of one read: passes the user's decision on and keeps the reason of a rejection, which the JDK's exception
 * does not tell. Without a user's filter the JVM-wide one decides, as in any stream.
 *
 * <p>Also turns down arrays that are far too long for the bytes at hand, before they are allocated: in a JDK stream, a
 * few corrupt bytes can claim two billion elements.
 * Those of an untrusted worker are also turned down if they are too long together.
 */
final class ReadFilter implements ObjectInputFilter {

    /** JDK collections ask for up to eight times as many slots as they have elements, and for some even if empty. */
    private static final int SLOTS_PER_BYTE = 16;

    private static final int MIN_SLOTS = 1024;

    /**
     * What all arrays of an untrusted worker's value may have together for each of its bytes: lists in lists would otherwise
     * claim the most once for each level. Honest ones take less than two: an element has a byte at least, a reference five.
     */
    private static final int ALL_SLOTS_PER_BYTE = 4;

    private final long available;
    private final @Nullable ObjectInputFilter filter;
    private final long allSlots;
    private long slots;
    private @Nullable ObjectInputFilter jvmFilter;
    private @Nullable String rejection;

    /**
     * Makes the filter of one read.
     *
     * @param available how many bytes there are to read
     * @param filter the user's filter, or null
     */
    ReadFilter(long available, @Nullable ObjectInputFilter filter) {
        this.available = available;
        this.filter = filter;
        this.allSlots = filter instanceof AllowList ? MIN_SLOTS + ALL_SLOTS_PER_BYTE * available : Long.MAX_VALUE;
    }

    /** Makes this the filter of a stream. */
    void install(ObjectInputStream stream) {
        jvmFilter = stream.getObjectInputFilter();
        stream.setObjectInputFilter(this);
    }

    /** Returns what was rejected and by whom, or null if nothing was. */
    @Nullable
    String rejection() {
        return rejection;
    }

    @Override
    public Status checkInput(FilterInfo info) {
        if (info.arrayLength() > MIN_SLOTS && info.arrayLength() / SLOTS_PER_BYTE > available) {
            rejection = "an array of " + info.arrayLength() + " elements in " + available + " bytes";
            return Status.REJECTED;
        }
        slots += Math.max(0, info.arrayLength());
        if (slots > allSlots) {
            rejection = "arrays of " + slots + " elements in all in " + available + " bytes";
            return Status.REJECTED;
        }
        ObjectInputFilter asked = filter != null ? filter : jvmFilter;
        if (asked == null) {
            return Status.UNDECIDED;
        }
        String by = filter != null ? "rejected by the resultFilter: " : "rejected by the jdk.serialFilter: ";
        Status status;
        try {
            status = asked.checkInput(info);
        } catch (RuntimeException e) {
            rejection = by + "it threw " + Failures.brief(e);
            throw e;
        }
        if (status == null || status == Status.REJECTED) {
            rejection = by + subject(info);
            return Status.REJECTED;
        }
        return status;
    }

    private static String subject(FilterInfo info) {
        Class<?> type = info.serialClass();
        if (type == null) {
            return "a limit, at depth=" + info.depth() + ", references=" + info.references() + ", bytes="
                    + info.streamBytes();
        }
        String subject = "class " + type.getTypeName();
        return info.arrayLength() < 0 ? subject : subject + " of length " + info.arrayLength();
    }
}
