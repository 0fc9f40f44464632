package io.processpool.internal.worker;

import io.processpool.TaskCallable;
import io.processpool.TaskFunction;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.FunctionCodec;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.transport.ChannelListener;
import io.processpool.internal.wire.FunctionKind;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.ResultRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The pool's side of a training: makes a worker do once whatever most workers do. It gives it a function with raw
 * values, one with objects, a callable that captured something, and one that fails; then it lets it go.
 */
final class TrainingPool implements ChannelListener {

    /** They are run in order, so its result is the last. */
    private static final int LAST_BATCH = 4;

    private final Path recorder;
    private final Runnable beforeEnd;
    private final ValueCodec values = new ValueCodec(null);

    // Only the loop's thread.
    private @Nullable Channel channel;
    private boolean ended;

    /**
     * Makes one.
     *
     * @param recorder the file of the worker's flight recorder
     * @param beforeEnd is run before the worker is told to exit; no Java code can run once it has
     */
    TrainingPool(Path recorder, Runnable beforeEnd) {
        this.recorder = recorder;
        this.beforeEnd = beforeEnd;
    }

    void connect(Channel newChannel) {
        channel = newChannel;
    }

    @Override
    public void onMessage(Message message) throws ProtocolException {
        Channel worker = channel;
        if (worker == null) {
            return;
        }
        if (message instanceof Message.Hello) {
            worker.send(new Message.Welcome("training", 0, 0, recorder.toString(), null, null, null, false));
        } else if (message instanceof Message.Ready) {
            giveTasks(worker);
        } else if (message instanceof Message.Results results) {
            look(results, worker);
        }
    }

    private void giveTasks(Channel worker) {
        worker.send(new Message.Ping(1));
        TaskFunction<Integer, Integer> square = number -> number * number;
        worker.send(new Message.Function(1, FunctionKind.FUNCTION, encode(square)));
        worker.send(new Message.Tasks(1, 1, 2, Bytes.EMPTY, Bytes.concat(List.of(item(3), item(4)))));
        TaskFunction<Object, Object> same = value -> value;
        worker.send(new Message.Function(2, FunctionKind.FUNCTION, encode(same)));
        worker.send(new Message.Tasks(2, 2, 1, Bytes.EMPTY, item(new ArrayList<>(List.of("text", Map.of(1, 2L))))));
        String text = worker.getClass().getSimpleName();
        TaskCallable<String> captured = () -> "of " + text;
        worker.send(new Message.Tasks(3, 0, 1, Bytes.EMPTY, framed(encode(captured))));
        TaskCallable<String> failing = () -> {
            throw new IllegalStateException("of " + text);
        };
        worker.send(new Message.Tasks(LAST_BATCH, 0, 1, Bytes.EMPTY, framed(encode(failing))));
    }

    private static Bytes encode(Object function) {
        return Bytes.of(FunctionCodec.encode(function, "function").bytes());
    }

    private Bytes item(Object value) {
        BytesOut out = new BytesOut();
        values.encode(value, out, "argument");
        return framed(out.take());
    }

    private static Bytes framed(Bytes item) {
        BytesOut out = new BytesOut();
        out.writeVarLong(item.length());
        out.write(item);
        return out.take();
    }

    private void look(Message.Results results, Channel worker) throws ProtocolException {
        try {
            BytesIn in = results.records().open();
            while (in.remaining() > 0) {
                ended |= ResultRecord.read(in).batch() == LAST_BATCH;
            }
        } catch (IOException e) {
            throw new ProtocolException("results that cannot be read: " + e.getMessage());
        }
        if (ended) {
            beforeEnd.run();
            worker.send(new Message.Retire());
        }
    }

    @Override
    public void onClosed(@Nullable Throwable cause) {
        // the worker's side hears of it as well, and ends the process
    }
}
