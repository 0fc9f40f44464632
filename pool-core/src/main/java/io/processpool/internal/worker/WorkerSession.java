package io.processpool.internal.worker;

import io.processpool.Codec;
import io.processpool.TaskRunnable;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.FailureCodec;
import io.processpool.internal.codec.FunctionCodec;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.transport.ChannelListener;
import io.processpool.internal.wire.FlightRecorder;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The life of a worker from its welcome to its goodbye.
 *
 * <pre>
 *   pool  --&gt;  channel thread (this class)  --- Inbox ---&gt;  task thread (TaskRunner, user code)
 *                 |    answers pings, recalls                     |
 *                 +--&gt; control thread: stacks, interrupts         +--&gt; ResultBuffer  --&gt;  pool
 * </pre>
 *
 * The channel's thread never runs user code and never waits, so a worker answers however busy its task is.
 */
public final class WorkerSession implements ChannelListener {

    private final Host host;
    private final Inbox inbox;
    private final ConcurrentMap<Integer, WorkerBatch> batches = new ConcurrentHashMap<>();
    private final RunningItem running = new RunningItem();

    // Only the channel's thread.
    private final FunctionTable functions = new FunctionTable();
    private @Nullable ControlThread control;

    private volatile @Nullable Channel channel;
    private volatile @Nullable SessionContext context;
    private volatile @Nullable Thread taskThread;

    /** The task thread's. */
    private @Nullable TaskRunner runner;

    /** Makes a session; it waits for its channel. */
    public WorkerSession(Host host) {
        this.host = host;
        this.inbox = new Inbox(host.lookout());
    }

    /** Gives the session its channel, before that delivers anything. */
    public void connect(Channel newChannel) {
        channel = newChannel;
    }

    ConcurrentMap<Integer, WorkerBatch> batches() {
        return batches;
    }

    RunningItem running() {
        return running;
    }

    SessionContext context() {
        return require(context);
    }

    /** Tells the pool that an item begins. */
    void began(int batch, int index) {
        channel().send(new Message.Started(batch, index));
    }

    private TaskRunner runner() {
        return require(runner);
    }

    private Channel channel() {
        return require(channel);
    }

    private static <T> T require(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("the session has not been welcomed yet");
        }
        return value;
    }

    @Override
    public void onMessage(Message message) throws ProtocolException {
        if (message instanceof Message.Tasks tasks) {
            accept(tasks);
        } else if (message instanceof Message.Function function) {
            FunctionTable.Entry entry = functions.add(function);
            if (batches.isEmpty()) {
                inbox.whenIdle(() -> runner().readAhead(entry));
            }
        } else if (message instanceof Message.StandBy) {
            inbox.whenIdle(() -> runner().rehearse());
        } else if (message instanceof Message.Forget forget) {
            functions.remove(forget.id());
        } else if (message instanceof Message.Recall recall) {
            recall(recall.batch());
        } else if (message instanceof Message.Cancel cancel) {
            cancel(cancel.batch(), cancel.index());
        } else if (message instanceof Message.Ping ping) {
            channel().send(new Message.Pong(ping.nonce()));
        } else if (message instanceof Message.StackRequest request) {
            control().stack(request.batch(), request.index(), false);
        } else if (message instanceof Message.DumpRequest request) {
            control().dump(request.nonce());
        } else if (message instanceof Message.Retire) {
            inbox.close();
        } else if (message instanceof Message.Welcome welcome) {
            begin(welcome);
        } else {
            throw new ProtocolException(
                    "not a message to a worker: " + message.getClass().getSimpleName());
        }
    }

    private void accept(Message.Tasks tasks) throws ProtocolException {
        WorkerBatch batch = new WorkerBatch(tasks, tasks.function() == 0 ? null : functions.get(tasks.function()));
        batches.put(batch.id(), batch);
        inbox.add(batch);
    }

    private void recall(int id) {
        WorkerBatch batch = batches.get(id);
        if (batch != null) {
            batch.recall(from -> channel().send(new Message.Returned(id, from)));
        }
    }

    private void cancel(int id, int index) {
        WorkerBatch batch = batches.get(id);
        if (batch != null) {
            batch.cancel(index);
            context().cancel(id, index);
            control().stack(id, index, true);
        }
    }

    private ControlThread control() {
        if (control == null) {
            control = new ControlThread(channel(), running, context().poolName());
        }
        return control;
    }

    private void begin(Message.Welcome welcome) throws ProtocolException {
        if (taskThread != null) {
            throw new ProtocolException("welcomed twice");
        }
        context = new SessionContext(welcome, channel(), running);
        Thread thread = new Thread("processpool-task") {
            @Override
            public void run() {
                try {
                    live(welcome);
                } catch (Throwable t) { // of whatever kind: the worker would answer pings, and never run a task again
                    host.failed(t);
                }
            }
        };
        thread.setDaemon(true);
        thread.setContextClassLoader(loader());
        taskThread = thread;
        thread.start();
    }

    private static ClassLoader loader() {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        return loader != null ? loader : ClassLoader.getSystemClassLoader();
    }

    /** The task thread's life. */
    private void live(Message.Welcome welcome) {
        host.enter(context());
        try {
            runner = prepare(welcome);
        } catch (Throwable t) {
            channel().send(new Message.StartFailed(encode(t)));
            channel().awaitDrained();
            host.exit(1);
            return;
        }
        channel().send(new Message.Ready());
        runner().run();
        if (inbox.isAbandoned()) {
            return;
        }
        Bytes failure = finish(welcome);
        channel().send(new Message.Goodbye(failure));
        channel().awaitDrained();
        host.exit(0);
    }

    private TaskRunner prepare(Message.Welcome welcome) throws Exception {
        FlightRecorder recorder = openRecorder(welcome.recorder());
        Bytes encodedCodec = welcome.codec();
        Codec codec = encodedCodec == null ? null : (Codec) FunctionCodec.decode(encodedCodec, loader());
        ResultBuffer results = new ResultBuffer(channel(), recorder, welcome.timesEach(), running);
        TaskRunner runner = new TaskRunner(this, inbox, results, new ValueCodec(codec), host, loader());
        runHook(welcome.initializer());
        return runner;
    }

    private static @Nullable FlightRecorder openRecorder(@Nullable String path) {
        try {
            return path == null ? null : FlightRecorder.open(Path.of(path));
        } catch (IOException e) {
            return null; // slower, since every result is then sent by itself, but as safe
        }
    }

    private static void runHook(@Nullable Bytes hook) throws Exception {
        if (hook != null) {
            ((TaskRunnable) FunctionCodec.decode(hook, loader())).run();
        }
    }

    private @Nullable Bytes finish(Message.Welcome welcome) {
        try {
            runHook(welcome.finalizer());
            return null;
        } catch (Throwable t) {
            return encode(t);
        }
    }

    private Bytes encode(Throwable t) {
        BytesOut out = new BytesOut(1024);
        FailureCodec.encode(t, out);
        return out.take();
    }

    @Override
    public void onClosed(@Nullable Throwable cause) {
        if (cause == null || (cause instanceof IOException && !(cause instanceof ProtocolException))) {
            host.channelClosed(); // a process ends here, before its idle task thread could say goodbye to nobody
        } else {
            host.failed(cause);
        }
        inbox.close();
        if (control != null) {
            control.close();
        }
    }

    /**
     * Falls silent, interrupts what runs, and lets nothing begin after it, the finalizer included; for a worker that lives in
     * the pool's process and cannot be killed.
     */
    public void abandon() {
        inbox.abandon(); // first: the interrupt then reaches the last item that will ever run, or nobody
        channel().close(); // so what the item makes of the interrupt is not heard, as from a process that was killed
        Thread thread = taskThread;
        if (thread != null) {
            thread.interrupt();
        }
    }
}
