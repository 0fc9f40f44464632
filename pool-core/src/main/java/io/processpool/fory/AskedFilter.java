package io.processpool.fory;

import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Asks a user's {@link ObjectInputFilter}, as far as can be: about classes, not about sizes, and about each class once. Safe
 * for use by many threads if the filter is.
 */
final class AskedFilter {

    private static final String ACCEPTED = "";

    private final ObjectInputFilter filter;
    private final String rejectedBy;
    private final Map<Class<?>, String> answers = new ConcurrentHashMap<>();

    AskedFilter(ObjectInputFilter filter) {
        this.filter = filter;
        this.rejectedBy = filter == ObjectInputFilter.Config.getSerialFilter()
                ? "rejected by the jdk.serialFilter: "
                : "rejected by the resultFilter: ";
    }

    /** Returns why a class must not be read, or null if it may be. As in a JDK stream, its superclasses are asked for, too. */
    @Nullable
    String refusal(Class<?> type) {
        String answer = answers.get(type);
        if (answer == null) {
            String refusal = ask(type);
            answer = refusal == null ? ACCEPTED : refusal;
            answers.put(type, answer); // not computeIfAbsent: it would call the user's filter under a lock
        }
        return answer.equals(ACCEPTED) ? null : answer;
    }

    private @Nullable String ask(Class<?> type) {
        Class<?> asked = type;
        while (asked.isArray()) {
            asked = asked.getComponentType();
        }
        for (Class<?> at = asked; at != null && (at == asked || Serializable.class.isAssignableFrom(at)); ) {
            ObjectInputFilter.Status status;
            try {
                status = filter.checkInput(new Question(at));
            } catch (RuntimeException e) {
                return rejectedBy + "it threw " + e;
            }
            if (status == null || status == ObjectInputFilter.Status.REJECTED) {
                return rejectedBy + "class " + at.getTypeName();
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
