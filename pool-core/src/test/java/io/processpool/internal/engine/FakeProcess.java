package io.processpool.internal.engine;

import io.processpool.WorkerExit;
import io.processpool.internal.process.ExitDescription;
import io.processpool.internal.process.ProcessTree;
import io.processpool.internal.process.WorkerProcess;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.testing.Scarcity;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A worker's process and the other end of its channel, step by step. */
final class FakeProcess implements WorkerProcess, Channel {

    private final FleetFixture fixture;
    final Worker worker;
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private final ArrayDeque<Message> heard = new ArrayDeque<>();
    /** The memory that it has. */
    long resident = -1;

    /** What those have that it has started. */
    long residentOfOthers;

    /** What happens to whoever asks how it ended, or null. */
    @Nullable
    RuntimeException secret;

    /** What it takes to put a message in line. */
    final Scarcity memory = new Scarcity();

    /** Whether it stays for a while when it is killed. */
    boolean lingers;

    private boolean connected;
    private boolean ready;
    private boolean closed;
    private boolean ended;

    FakeProcess(FleetFixture fixture, Worker worker) {
        this.fixture = fixture;
        this.worker = worker;
    }

    // ---- what it does ---------------------------------------------------------------------------------------------

    /** Connects, is ready, or does what it was told; one step. Returns whether there was anything to do. */
    boolean goOn() {
        if (exit.isDone() && !connected) {
            return false;
        } else if (exit.isDone()) {
            return endChannel();
        } else if (!connected) {
            connected = true;
            fixture.fleet.attach(worker, this);
        } else if (!ready) {
            ready = true;
            say(new Message.Ready());
        } else if (closed) {
            exit.complete(1);
        } else {
            return obey();
        }
        return true;
    }

    private boolean obey() {
        Message message = heard.poll();
        if (message instanceof Message.Retire) {
            say(new Message.Goodbye(null));
            exit.complete(0);
        }
        return message != null;
    }

    private boolean endChannel() {
        boolean first = !ended;
        ended = true;
        if (first) {
            worker.onClosed(null);
        }
        return first;
    }

    private void say(Message message) {
        try {
            worker.onMessage(message);
        } catch (ProtocolException e) {
            throw new AssertionError(e);
        }
    }

    // ---- its channel ----------------------------------------------------------------------------------------------

    @Override
    public void enqueue(Message message) {
        memory.take();
        heard.add(message);
    }

    @Override
    public boolean flush() {
        return true;
    }

    @Override
    public boolean awaitDrained() {
        return true;
    }

    @Override
    public void close() {
        closed = true;
    }

    // ---- its process ----------------------------------------------------------------------------------------------

    @Override
    public int slot() {
        return worker.slot();
    }

    @Override
    public int generation() {
        return worker.generation();
    }

    @Override
    public long pid() {
        return 1000L + worker.slot();
    }

    @Override
    public Instant startedAt() {
        return Instant.EPOCH;
    }

    @Override
    public boolean isAlive() {
        return !exit.isDone();
    }

    @Override
    public CompletableFuture<Integer> onExit() {
        return exit;
    }

    @Override
    public void kill() {
        if (!lingers) {
            exit.complete(137);
        }
    }

    @Override
    public void killDescendants() {}

    @Override
    public void releaseLaunchFiles() {}

    @Override
    public List<String> stderrTail() {
        return List.of();
    }

    @Override
    public boolean awaitOutput(Duration timeout) {
        return true;
    }

    @Override
    public long residentBytes() {
        return isAlive() ? resident : -1;
    }

    @Override
    public long residentBytesOfAll(ProcessTree tree) {
        return isAlive() ? resident + residentOfOthers : -1;
    }

    @Override
    public @Nullable Duration cpuTime() {
        return null;
    }

    @Override
    public @Nullable Path errorFile() {
        return null;
    }

    @Override
    public ExitDescription describeExit() {
        if (secret != null) {
            throw secret;
        }
        int code = exit.getNow(-1);
        return new ExitDescription(new WorkerExit(slot(), pid(), code, null, List.of(), null), false, "exit " + code);
    }
}
