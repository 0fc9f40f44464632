package io.processpool.internal.scheduler;

import io.processpool.internal.codec.Scalars;
import java.util.AbstractList;
import java.util.RandomAccess;

/** The endings of consecutive items that have returned numbers, truth values or nulls, without an object for each. Immutable. */
public final class ScalarRun extends AbstractList<Ending> implements RandomAccess {

    private final Scalars values;

    /** Makes one. */
    public ScalarRun(Scalars values) {
        this.values = values;
    }

    /** Returns what the items have returned. */
    public Scalars values() {
        return values;
    }

    @Override
    public Ending get(int index) {
        return new Ending.Scalar(values.get(index));
    }

    @Override
    public int size() {
        return values.size();
    }
}
