package io.processpool.fory;

import java.io.ObjectInputFilter;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** Asks a user's {@link ObjectInputFilter}, as far as can be: about classes, not about sizes. Safe if the filter is. */
final class AskedFilter {

    private final ObjectInputFilter filter;

    AskedFilter(ObjectInputFilter filter) {
        this.filter = filter;
    }

    /** Returns why a class must not be read, or null if it may be. As in a JDK stream, its superclasses are asked for, too. */
    @Nullable
    String refusal(Class<?> type) {
        Class<?> asked = type;
        while (asked.isArray()) {
            asked = asked.getComponentType();
        }
        for (Class<?> at = asked; at != null && (at == asked || Serializable.class.isAssignableFrom(at)); ) {
            ObjectInputFilter.Status status;
            try {
                status = filter.checkInput(new Question(at));
            } catch (RuntimeException e) {
                return "rejected by the resultFilter: it threw " + e;
            }
            if (status == null || status == ObjectInputFilter.Status.REJECTED) {
                return "rejected by the resultFilter: class " + at.getTypeName();
            }
            at = at.getSuperclass();
        }
        return null;
    }

    private record Question(Class<?> serialClass) implements ObjectInputFilter.FilterInfo {

        @Override
        public long arrayLength() {
            return -1;
        }

        @Override
        public long depth() {
            return 1;
        }

        @Override
        public long references() {
            return 1;
        }

        @Override
        public long streamBytes() {
            return 0;
        }
    }
}
