package io.processpool.internal.engine;

import io.processpool.WorkerExit;
import io.processpool.internal.CurrentWorker;
import io.processpool.internal.process.ExitDescription;
import io.processpool.internal.process.ProcessTree;
import io.processpool.internal.process.WorkerProcess;
import io.processpool.internal.transport.Lookout;
import io.processpool.internal.worker.Host;
import io.processpool.internal.worker.SessionContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What stands for the process of a worker inside this process. Killing it interrupts its thread; a task that ignores
 * that goes on until it ends by itself, and nobody listens to it.
 */
final class InlineProcess implements WorkerProcess, Host {

    private static final Logger LOG = LoggerFactory.getLogger(InlineProcess.class);
    private static final int KILLED = 137;

    private final int slot;
    private final int generation;
    private final Instant startedAt = Instant.now();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private final AtomicBoolean killed = new AtomicBoolean();
    private final Lookout lookout = new Lookout(); // nothing here goes through shared memory
    private volatile Runnable killer = () -> {};

    InlineProcess(int slot, int generation) {
        this.slot = slot;
        this.generation = generation;
    }

    void onKill(Runnable action) {
        killer = action;
    }

    @Override
    public Lookout lookout() {
        return lookout;
    }

    @Override
    public void enter(SessionContext context) {
        CurrentWorker.setForThread(context);
    }

    @Override
    public void exit(int code) {
        exit.complete(code);
    }

    @Override
    public void outOfMemory(OutOfMemoryError error) {
        // nothing can be isolated here: it is an ordinary failure
    }

    @Override
    public void channelClosed() {
        kill();
    }

    @Override
    public void failed(Throwable cause) {
        LOG.error("worker {}.{} cannot go on", slot, generation, cause);
        kill();
    }

    @Override
    public int slot() {
        return slot;
    }

    @Override
    public int generation() {
        return generation;
    }

    @Override
    public long pid() {
        return ProcessHandle.current().pid();
    }

    @Override
    public Instant startedAt() {
        return startedAt;
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
        if (!exit.isDone() && killed.compareAndSet(false, true)) {
            killer.run();
            exit.complete(KILLED);
        }
    }

    @Override
    public void killDescendants() {
        // those of this process are not the worker's
    }

    @Override
    public void releaseLaunchFiles() {
        // there are none
    }

    @Override
    public List<String> stderrTail() {
        return List.of();
    }

    @Override
    public boolean awaitOutput(Duration timeout) {
        return true;
    }

    @Override
    public long residentBytesOfAll(ProcessTree tree) {
        return -1;
    }

    @Override
    public long residentBytes() {
        return -1;
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
        int code = exit.getNow(-1);
        return new ExitDescription(
                new WorkerExit(slot, pid(), code, null, List.of(), null), false, "it was stopped inside this process");
    }
}
