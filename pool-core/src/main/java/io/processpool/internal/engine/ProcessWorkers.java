package io.processpool.internal.engine;

import io.processpool.ProcessPoolException;
import io.processpool.internal.PidNamespace;
import io.processpool.internal.PoolConfig;
import io.processpool.internal.ThreadNames;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.codec.AllowList;
import io.processpool.internal.process.ContainerMemory;
import io.processpool.internal.process.ProcessLauncher;
import io.processpool.internal.process.RuntimeDirectory;
import io.processpool.internal.process.WorkerProcess;
import io.processpool.internal.transport.Acceptor;
import io.processpool.internal.transport.ChannelListener;
import io.processpool.internal.transport.IoLoop;
import io.processpool.internal.transport.Lookout;
import io.processpool.internal.transport.SharedMemory;
import io.processpool.internal.transport.SocketConnection;
import io.processpool.internal.wire.Bootstrap;
import io.processpool.internal.wire.Frame;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.RecorderFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers as processes. Each gets a one-time token through its stdin and proves with it, on a socket in a private
 * directory, who it is.
 */
final class ProcessWorkers implements WorkerFactory, Acceptor.Gate {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessWorkers.class);
    private static final String MAIN_CLASS = "io.processpool.internal.worker.WorkerMain";
    private static final String TRAINING_CLASS = "io.processpool.internal.worker.TrainingMain";

    /** The largest value that may come from an untrusted worker, with what is around it. */
    private static final long UNTRUSTED_MESSAGE = AllowList.MAX_BYTES + (1 << 16);

    private final SecureRandom random = new SecureRandom();
    private final Welcomes welcomes;
    private final BooleanSupplier closing;
    private final boolean untrusted;
    private final RuntimeDirectory directory;
    private final ProcessLauncher launcher;
    private final IoLoop loop;
    private final Thread loopThread;
    private final SharedMemories memories;
    private final Entrance entrance;

    /** The tokens that were given out and not used. */
    private final Map<Worker, byte[]> expected = new ConcurrentHashMap<>();

    /**
     * Listens for workers.
     *
     * @param memory what this process and the workers share
     * @param closing tells whether the pool is ending
     */
    ProcessWorkers(
            PoolConfig config,
            ContainerMemory memory,
            Welcomes welcomes,
            ScheduledExecutorService timer,
            BooleanSupplier closing) {
        this.welcomes = welcomes;
        this.closing = closing;
        RuntimeDirectory.sweep();
        this.directory = RuntimeDirectory.create();
        this.untrusted = config.trust().untrusted();
        this.memories = config.launch().sharedMemory() && !untrusted ? SharedMemories.open() : SharedMemories.none();
        try {
            this.launcher = new ProcessLauncher(config, directory, memory);
            this.loop = new IoLoop();
            this.entrance = new Entrance(config.name(), directory, loop, this, timer);
            this.loopThread = new Thread(loop, ThreadNames.of(config.name(), "io"));
            loopThread.setDaemon(true);
            loopThread.start();
        } catch (IOException | RuntimeException e) {
            memories.close();
            directory.close();
            throw e instanceof ProcessPoolException known
                    ? known
                    : new ProcessPoolException(
                            "the pool cannot listen for its workers: " + e + " (pool=" + config.name() + ")", e);
        }
    }

    @Override
    public Lookout lookout() {
        return loop.lookout();
    }

    @Override
    public WorkerProcess launch(Worker worker) {
        byte[] token = new byte[Message.Hello.TOKEN];
        random.nextBytes(token);
        Entrance.Address address = entrance.open();
        worker.recorder = createRecorder(worker);
        memories.prepare(worker); // here, since the thread that admits the worker has to serve the others
        expected.put(worker, token);
        try {
            byte[] stdin = bootstrap(token, address, MAIN_CLASS);
            WorkerProcess process = launcher.launch(worker.slot(), worker.generation(), stdin, MAIN_CLASS);
            process.onExit().thenRun(() -> expected.remove(worker)); // it has used its token, or never will
            return process;
        } catch (RuntimeException | Error e) {
            expected.remove(worker);
            throw e;
        }
    }

    private byte[] bootstrap(byte[] token, Entrance.Address address, String mainClass) {
        Path classes = launcher.prepare(mainClass);
        Path memory = memories.path();
        Bootstrap bootstrap = new Bootstrap(
                Bytes.of(token),
                address.endpoint(),
                address.directory(),
                launcher.temporaryDirectory().toString(),
                memory == null ? "" : memory.toString(),
                classes == null ? "" : classes.toString(),
                ProcessHandle.current().pid(),
                PidNamespace.current());
        return bootstrap.toBytes();
    }

    /** A process in training knows the pool to see when that dies, and has no token to come in with. */
    @Override
    public boolean train() {
        return launcher.train(
                bootstrap(new byte[Message.Hello.TOKEN], entrance.address(), TRAINING_CLASS), TRAINING_CLASS);
    }

    private @Nullable RecorderFile createRecorder(Worker worker) {
        Path file = directory.resolve("worker-" + worker.slot() + "-" + worker.generation() + ".rec");
        try {
            return RecorderFile.create(file);
        } catch (IOException e) {
            LOG.warn("no flight recorder for {}, it will send every result by itself: {}", worker, e.toString());
            return null;
        }
    }

    /** Compares with every token that is expected, each in constant time. */
    @Override
    public @Nullable ChannelListener admit(Message.Hello hello, SocketConnection connection) {
        byte[] token = hello.token().toArray();
        Worker found = null;
        for (Map.Entry<Worker, byte[]> entry : expected.entrySet()) {
            if (MessageDigest.isEqual(entry.getValue(), token)) {
                found = entry.getKey();
            }
        }
        if (found == null || expected.remove(found) == null) {
            return null;
        }
        welcomes.attach(found, connection);
        SharedMemory memory = memories.of(found);
        if (memory != null) {
            connection.offer(memory);
        }
        return found;
    }

    @Override
    public void ended(Worker worker, boolean exited) {
        memories.takeBack(worker, exited);
    }

    @Override
    public long messageLimit() {
        return untrusted ? UNTRUSTED_MESSAGE : Frame.MAX_MESSAGE;
    }

    @Override
    public boolean closing() {
        return closing.getAsBoolean();
    }

    @Override
    public void close() {
        launcher.close();
        loop.close();
        try {
            loopThread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        launcher.close();
        memories.close();
        directory.close();
    }
}
