package io.processpool.internal.worker;

import io.processpool.TaskBiFunction;
import io.processpool.TaskCallable;
import io.processpool.TaskFunction;
import io.processpool.TaskSerializationException;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.FailureCodec;
import io.processpool.internal.codec.FunctionCodec;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.wire.FunctionKind;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** Runs the items of batches, one after the other, on the one thread of the worker that runs user code. */
final class TaskRunner {

    private static final int REHEARSALS = 300;

    private final WorkerSession session;
    private final Inbox inbox;
    private final ConcurrentMap<Integer, WorkerBatch> batches;
    private final SessionContext context;
    private final RunningItem running;
    private final ResultBuffer results;
    private final ValueCodec values;
    private final Host host;
    private final ClassLoader loader;
    /** A result has been sent, or copied, before the next item begins. */
    private final BytesOut scratch = BytesOut.sharing(256);

    TaskRunner(
            WorkerSession session,
            Inbox inbox,
            ResultBuffer results,
            ValueCodec values,
            Host host,
            ClassLoader loader) {
        this.session = session;
        this.inbox = inbox;
        this.batches = session.batches();
        this.context = session.context();
        this.running = session.running();
        this.results = results;
        this.values = values;
        this.host = host;
        this.loader = loader;
    }

    /** Runs whatever comes until the inbox is closed and empty. */
    void run() {
        ThreadState before = new ThreadState();
        WorkerBatch batch = inbox.take();
        while (batch != null) {
            try {
                runBatch(batch, before);
                batch.awaitRecall();
            } finally {
                batches.remove(batch.id());
            }
            host.lookout().look();
            if (inbox.isEmpty()) {
                goOn(results.flush());
            }
            batch = inbox.take();
        }
    }

    /** Reads a function before it is needed. What comes of that is known when it is. */
    void readAhead(FunctionTable.Entry function) {
        try {
            function.function(loader);
        } catch (OutOfMemoryError e) {
            host.outOfMemory(e);
        } catch (Throwable e) {
            return; // of whatever kind: the first item that needs it has the same, and tells
        }
    }

    /**
     * Does with nothing of the user's what every item needs. The first few times that takes a new JVM milliseconds.
     */
    void rehearse() {
        TaskFunction<Integer, Integer> square = number -> number * number;
        try {
            byte[] encoded = FunctionCodec.encode(square, "rehearsal").bytes();
            FunctionTable.Entry function = new FunctionTable.Entry(FunctionKind.FUNCTION, Bytes.of(encoded));
            for (int i = 0; i < REHEARSALS; i++) {
                values.encode(i, scratch, "rehearsal");
                Bytes argument = scratch.take();
                scratch.writeVarLong(argument.length());
                scratch.write(argument);
                WorkerBatch batch = new WorkerBatch(new Message.Tasks(1, 1, 1, Bytes.EMPTY, scratch.take()), function);
                ItemStatus status = callWithMdc(batch, batch.claim());
                results.rehearse(status, scratch);
            }
        } catch (IOException | RuntimeException e) {
            scratch.truncate(0); // it was worth a try
        }
    }

    private void runBatch(WorkerBatch batch, ThreadState before) {
        results.begin();
        int index = batch.claim();
        while (index >= 0 && !inbox.isAbandoned()) {
            runItem(batch, index);
            before.restore();
            index = batch.claim();
        }
    }

    private void runItem(WorkerBatch batch, int index) {
        ItemStatus status;
        results.started(batch.id(), index);
        if (batch.tellsStart() && index == 0) {
            session.began(batch.id(), index);
        }
        context.begin(batch.headers().user());
        running.begin(batch.id(), index);
        try {
            status = batch.isCancelled(index) ? skip(batch) : callWithMdc(batch, index);
        } catch (IOException e) {
            status = failed(ItemStatus.BAD_ARGUMENT, e);
        } finally {
            running.end();
            context.end();
        }
        boolean moreToCome = !batch.exhausted() || !inbox.isEmpty();
        goOn(results.add(batch.id(), index, status, scratch, batch.several(), moreToCome));
    }

    /** If nobody hears of results any more, nothing else begins: the pool would take it for what was running. */
    private void goOn(boolean heard) {
        if (!heard) {
            inbox.abandon();
        }
    }

    private static ItemStatus skip(WorkerBatch batch) throws IOException {
        batch.nextItem();
        return ItemStatus.SKIPPED;
    }

    private ItemStatus callWithMdc(WorkerBatch batch, int index) {
        Map<String, String> mdc = batch.headers().mdc();
        if (mdc.isEmpty()) {
            return call(batch, index);
        }
        WorkerMdc.put(mdc);
        try {
            return call(batch, index);
        } finally {
            WorkerMdc.remove(mdc);
        }
    }

    /** Runs one item and leaves its result, or its failure, in the scratch. */
    private ItemStatus call(WorkerBatch batch, int index) {
        ItemStatus stage = ItemStatus.BAD_ARGUMENT;
        try {
            FunctionTable.Entry function = batch.function();
            Object argument = function != null && function.kind() == FunctionKind.FUNCTION
                    ? batch.nextScalar()
                    : ValueCodec.NO_SCALAR;
            Object result;
            if (function != null && argument != ValueCodec.NO_SCALAR) {
                TaskFunction<Object, Object> applicable = function.applicable(loader);
                tellStart(batch, index, 0);
                stage = ItemStatus.THREW;
                result = apply(applicable, argument);
            } else {
                Bytes item = batch.nextItem();
                PreparedCall call = prepare(batch, item);
                tellStart(batch, index, item.length());
                stage = ItemStatus.THREW;
                result = call.invoke();
            }
            stage = ItemStatus.BAD_RESULT;
            values.encode(result, scratch, "result");
            return ItemStatus.VALUE;
        } catch (OutOfMemoryError e) {
            host.outOfMemory(e);
            return failed(stage, e);
        } catch (Throwable t) {
            return failed(stage, t);
        }
    }

    private void tellStart(WorkerBatch batch, int index, long length) {
        if (batch.tellsStart() && (index == 0 || length >= Message.Started.LARGE)) {
            session.began(batch.id(), index);
        }
    }

    @SuppressWarnings("NullAway") // tasks may take and return null
    private static @Nullable Object apply(TaskFunction<Object, Object> function, @Nullable Object argument)
            throws Exception {
        return function.apply(argument);
    }

    private ItemStatus failed(ItemStatus status, Throwable cause) {
        scratch.truncate(0);
        FailureCodec.encode(cause, scratch);
        return status;
    }

    /** A function together with its decoded arguments. */
    private interface PreparedCall {
        @Nullable
        Object invoke() throws Exception;
    }

    private PreparedCall prepare(WorkerBatch batch, Bytes item) throws IOException {
        FunctionTable.Entry entry = batch.function();
        if (entry == null) {
            return callable(FunctionCodec.decode(item, loader));
        }
        Object function = entry.function(loader);
        if (entry.kind() == FunctionKind.CALLABLE) {
            return callable(function);
        } else if (entry.kind() == FunctionKind.FUNCTION) {
            return applied(function, values.decode(item.open(), loader, null, "argument"));
        }
        BytesIn in = item.open();
        Object first = values.decode(in.readBytes(in.readVarLong()).open(), loader, null, "first argument");
        Object second = values.decode(in, loader, null, "second argument");
        return applied(function, first, second);
    }

    private static PreparedCall callable(Object function) {
        TaskCallable<?> callable = cast(TaskCallable.class, function);
        return new PreparedCall() {
            @Override
            public @Nullable Object invoke() throws Exception {
                return callable.call();
            }
        };
    }

    @SuppressWarnings("unchecked")
    private static PreparedCall applied(Object function, @Nullable Object argument) {
        TaskFunction<Object, Object> applicable = cast(TaskFunction.class, function);
        return new PreparedCall() {
            @Override
            @SuppressWarnings("NullAway") // tasks may take and return null
            public @Nullable Object invoke() throws Exception {
                return applicable.apply(argument);
            }
        };
    }

    @SuppressWarnings("unchecked")
    private static PreparedCall applied(Object function, @Nullable Object first, @Nullable Object second) {
        TaskBiFunction<Object, Object, Object> applicable = cast(TaskBiFunction.class, function);
        return new PreparedCall() {
            @Override
            @SuppressWarnings("NullAway") // tasks may take and return null
            public @Nullable Object invoke() throws Exception {
                return applicable.apply(first, second);
            }
        };
    }

    static <T> T cast(Class<T> type, Object function) {
        if (!type.isInstance(function)) {
            throw new TaskSerializationException(
                    "expected a " + type.getName() + ", got a "
                            + function.getClass().getName(),
                    null);
        }
        return type.cast(function);
    }
}
