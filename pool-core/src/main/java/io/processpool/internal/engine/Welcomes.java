package io.processpool.internal.engine;

import io.processpool.Codec;
import io.processpool.internal.PoolConfig;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.codec.FunctionCodec;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.RecorderFile;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Greets workers with the settings of the pool. What the settings contain of user code is encoded once, here. */
final class Welcomes {

    private final String poolName;
    private final @Nullable Bytes codec;
    private final @Nullable Bytes initializer;
    private final @Nullable Bytes finalizer;
    private final boolean timesEach;
    private final BiConsumer<Worker, Channel> attach;

    /**
     * Encodes the settings.
     *
     * @param timesEach whether somebody wants to know how long each item takes
     * @param attach connects a worker with its channel
     * @throws io.processpool.TaskSerializationException if the codec or a hook cannot travel
     */
    Welcomes(PoolConfig config, boolean timesEach, BiConsumer<Worker, Channel> attach) {
        this.poolName = config.name();
        Codec custom = config.codec();
        this.codec = encode("codec", custom);
        this.initializer = encode("initializer", config.initializer());
        this.finalizer = encode("finalizer", config.finalizer());
        this.timesEach = timesEach;
        this.attach = attach;
    }

    private static @Nullable Bytes encode(String what, @Nullable Object value) {
        return value == null ? null : Bytes.of(FunctionCodec.encode(value, what).bytes());
    }

    /** Connects a worker with its channel and greets it. */
    void attach(Worker worker, Channel channel) {
        attach.accept(worker, channel);
        RecorderFile recorder = worker.recorder;
        channel.send(new Message.Welcome(
                poolName,
                worker.slot(),
                worker.generation(),
                recorder == null ? null : recorder.path().toString(),
                codec,
                initializer,
                finalizer,
                timesEach));
    }
}
