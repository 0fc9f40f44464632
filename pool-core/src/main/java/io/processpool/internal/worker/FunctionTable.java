package io.processpool.internal.worker;

import io.processpool.TaskFunction;
import io.processpool.TaskSerializationException;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.codec.FunctionCodec;
import io.processpool.internal.wire.FunctionKind;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The functions that this worker knows. Only the channel's thread uses the table; entries go to the runner. */
final class FunctionTable {

    private final Map<Integer, Entry> entries = new HashMap<>();

    Entry add(Message.Function function) {
        Entry entry = new Entry(function.kind(), function.function());
        entries.put(function.id(), entry);
        return entry;
    }

    void remove(int id) {
        entries.remove(id);
    }

    Entry get(int id) throws ProtocolException {
        Entry entry = entries.get(id);
        if (entry == null) {
            throw new ProtocolException("unknown function: " + id);
        }
        return entry;
    }

    /** A function, decoded when it is first called; after {@link FunctionTable#add} only the runner uses it. */
    static final class Entry {
        private final FunctionKind kind;
        private @Nullable Bytes encoded;
        private @Nullable Object decoded;
        private @Nullable TaskFunction<Object, Object> applicable;
        private @Nullable TaskSerializationException failure;

        Entry(FunctionKind kind, Bytes encoded) {
            this.kind = kind;
            this.encoded = encoded;
        }

        FunctionKind kind() {
            return kind;
        }

        /** Returns a function of one argument. */
        @SuppressWarnings("unchecked")
        TaskFunction<Object, Object> applicable(ClassLoader loader) {
            TaskFunction<Object, Object> known = applicable;
            if (known == null) {
                known = TaskRunner.cast(TaskFunction.class, function(loader));
                applicable = known;
            }
            return known;
        }

        Object function(ClassLoader loader) {
            Bytes bytes = encoded;
            if (bytes != null) {
                try {
                    decoded = FunctionCodec.decode(bytes, loader);
                } catch (TaskSerializationException e) {
                    failure = e;
                }
                encoded = null;
            }
            if (decoded == null) {
                throw failure != null ? failure : new TaskSerializationException("function was not decoded", null);
            }
            return decoded;
        }
    }
}
