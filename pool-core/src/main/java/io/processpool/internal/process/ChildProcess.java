package io.processpool.internal.process;

import io.processpool.internal.ThreadNames;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A started worker with the threads that attend to it: two pumps, which read its output; the reaper, which waits for
 * its end; and, only if there is much to write to stdin, a feeder.
 *
 * <p>The reaper waits with {@link Process#waitFor()}. {@link Process#onExit()} would need no thread, but completes in
 * the common pool, and an application that has blocked all of that pool in calls to us would never learn of an exit.
 */
final class ChildProcess implements WorkerProcess {

    /** What even the smallest pipe takes without a reader. */
    private static final int PIPE_CAPACITY = 4096;

    /** How long the output of a process that has ended is waited for, before the pipes are closed. */
    private static final Duration OUTPUT_GRACE = Duration.ofSeconds(2);

    /** How long a search for orphans may delay the news of an exit. */
    private static final Duration SWEEP_DEADLINE = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(ChildProcess.class);

    /**
     * What a child process is made of.
     *
     * @param pool the name of the pool
     * @param slot the slot of the worker
     * @param generation its generation
     * @param marker the marker in its environment
     * @param command its command line
     * @param temp its temporary directory, which goes with it
     * @param errorFiles finds its error file
     * @param platform the platform
     * @param startedAt when it was started
     */
    record Origin(
            String pool,
            int slot,
            int generation,
            String marker,
            CommandLine command,
            OwnTemp temp,
            ErrorFiles errorFiles,
            Platform platform,
            Instant startedAt) {}

    private final Origin origin;
    private final Process process;
    private final long outOfMemoryKillsBefore;
    private final LineTail stdout = new LineTail();
    private final LineTail stderr = new LineTail();
    private final CountDownLatch openPumps = new CountDownLatch(2);
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private volatile boolean killed;
    private volatile boolean kernelOutOfMemory;
    private volatile boolean ready;

    private ChildProcess(Origin origin, Process process) {
        this.origin = origin;
        this.process = process;
        this.outOfMemoryKillsBefore = origin.platform().outOfMemoryKills();
    }

    /**
     * Takes charge of a process. If that fails, the process is killed.
     *
     * @param stdin what it finds on stdin, before the end of it
     */
    static ChildProcess attend(Origin origin, Process process, byte[] stdin) {
        ChildProcess child = new ChildProcess(origin, process);
        try {
            child.startThreads(stdin);
            return child;
        } catch (Throwable e) {
            // no more threads; this also closes the streams
            process.destroyForcibly();
            throw e;
        }
    }

    private void startThreads(byte[] stdin) {
        Logger log = LoggerFactory.getLogger("io.processpool.worker." + origin.pool());
        Map<String, String> context =
                Map.of("pool", origin.pool(), "worker", Integer.toString(origin.slot()), "pid", Long.toString(pid()));
        Runnable finished = openPumps::countDown;
        start(
                "out",
                new OutputPump(
                        process.getInputStream(),
                        stdout,
                        line -> log.info("{}", line),
                        context,
                        finished,
                        System::nanoTime));
        start(
                "err",
                new OutputPump(
                        process.getErrorStream(),
                        stderr,
                        line -> log.warn("{}", line),
                        context,
                        finished,
                        System::nanoTime));
        start("reaper", this::reap);
        if (stdin.length <= PIPE_CAPACITY) {
            feed(stdin);
        } else {
            start("stdin", () -> feed(stdin));
        }
    }

    private void start(String role, Runnable action) {
        Threads.start(ThreadNames.of(origin.pool(), role + "-" + origin.slot()), action);
    }

    private void feed(byte[] stdin) {
        try (OutputStream out = process.getOutputStream()) {
            out.write(stdin);
        } catch (IOException e) {
            // It has ended or closed its stdin; the one shows in its exit, the other in its silence.
            LOG.debug("Worker did not read its stdin (pool={}, worker={}, pid={})", origin.pool(), slot(), pid(), e);
        }
    }

    private void reap() {
        int code = waitFor();
        boolean tidy = true;
        try {
            origin.command().release();
            long kills = origin.platform().outOfMemoryKills();
            kernelOutOfMemory = outOfMemoryKillsBefore >= 0 && kills > outOfMemoryKillsBefore;
            if (code != 0) {
                sweep();
            }
            tidy = !origin.temp().deleteIfEmpty(); // else after the news of the exit, since that may take a while
            LOG.debug("Worker ended (pool={}, worker={}, pid={}, code={})", origin.pool(), slot(), pid(), code);
        } finally {
            exit.complete(code);
        }
        if (tidy) {
            origin.temp().delete();
        }
        if (!awaitOutput(OUTPUT_GRACE)) {
            // Something that the worker has started, and that could not be found, still has the pipes. Let go of ours.
            Streams.close(process.getInputStream());
            Streams.close(process.getErrorStream());
        }
    }

    /** On a thread of its own, because the kernel can make us wait for a process that hangs inside of it. */
    private void sweep() {
        CountDownLatch swept = new CountDownLatch(1);
        try {
            start("sweep", () -> {
                origin.platform().sweep(origin.marker());
                swept.countDown();
            });
        } catch (OutOfMemoryError e) {
            // no more threads
            origin.platform().sweep(origin.marker());
            return;
        }
        await(swept, SWEEP_DEADLINE);
    }

    private int waitFor() {
        while (true) {
            try {
                return process.waitFor();
            } catch (InterruptedException e) {
                // nobody has a reason to; this thread ends when the process does
            }
        }
    }

    @Override
    public int slot() {
        return origin.slot();
    }

    @Override
    public int generation() {
        return origin.generation();
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public Instant startedAt() {
        return origin.startedAt();
    }

    @Override
    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public CompletableFuture<Integer> onExit() {
        return exit.copy();
    }

    @Override
    public void kill() {
        if (process.isAlive()) {
            killed = true;
            origin.platform().killTree(process.toHandle());
        }
    }

    @Override
    public void killDescendants() {
        if (process.isAlive()) {
            origin.platform().killDescendants(process.toHandle());
        } else {
            sweep();
        }
    }

    @Override
    public void releaseLaunchFiles() {
        ready = true;
        origin.command().release();
    }

    /** Returns whether the process, which has ended, did so by itself and before anybody called it ready. */
    boolean endedUnready() {
        return !ready && !killed;
    }

    @Override
    public List<String> stderrTail() {
        return stderr.toList();
    }

    @Override
    public boolean awaitOutput(Duration timeout) {
        return await(openPumps, timeout);
    }

    private static boolean await(CountDownLatch latch, Duration timeout) {
        try {
            return latch.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public long residentBytes() {
        return residentBytes(behindThePrefix());
    }

    @Override
    public long residentBytesOfAll(ProcessTree tree) {
        return residentBytes(tree.descendants(process.toHandle()));
    }

    private long residentBytes(List<ProcessHandle> others) {
        if (!process.isAlive()) {
            return -1;
        }
        long bytes = origin.platform().residentBytes(pid());
        for (ProcessHandle below : others) {
            bytes += Math.max(0, origin.platform().residentBytes(below.pid()));
        }
        // Only if it still lives was the pid not somebody else's meanwhile.
        return process.isAlive() ? bytes : -1;
    }

    @Override
    public @Nullable Duration cpuTime() {
        if (!process.isAlive()) {
            return null;
        }
        Duration time = origin.platform().cpuTime(pid());
        for (ProcessHandle below : behindThePrefix()) {
            Duration itsTime = origin.platform().cpuTime(below.pid());
            time = time == null || itsTime == null ? time : time.plus(itsTime);
        }
        return process.isAlive() ? time : null;
    }

    /** With a prefix, the process may be that of a tool which stays, and the JVM one below it. */
    private List<ProcessHandle> behindThePrefix() {
        return origin.command().hasPrefix() ? process.descendants().toList() : List.of();
    }

    @Override
    public @Nullable Path errorFile() {
        return origin.errorFiles().find(pid(), startedAt());
    }

    @Override
    public ExitDescription describeExit() {
        Path errorFile = errorFile();
        ExitDescription.Facts facts = new ExitDescription.Facts(
                slot(),
                pid(),
                exit.getNow(-1),
                killed,
                kernelOutOfMemory,
                stderr.toList(),
                stdout.toList(),
                errorFile,
                ErrorFiles.head(errorFile));
        return ExitDescription.of(facts, origin.platform());
    }

    @Override
    public String toString() {
        return "worker " + slot() + " of pool " + origin.pool() + " (pid=" + pid() + ", generation=" + generation()
                + ", " + (isAlive() ? "alive" : "ended") + ")";
    }
}
