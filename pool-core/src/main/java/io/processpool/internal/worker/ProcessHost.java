package io.processpool.internal.worker;

import io.processpool.internal.CurrentWorker;
import io.processpool.internal.PidNamespace;
import io.processpool.internal.codec.FailureCodec;
import io.processpool.internal.process.RuntimeDirectory;
import io.processpool.internal.transport.Endpoint;
import io.processpool.internal.transport.IoLoop;
import io.processpool.internal.transport.Lookout;
import io.processpool.internal.wire.Bootstrap;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * A worker process as the surroundings of a worker. It never outlives the pool's process: when the channel ends, this
 * process, and what its tasks have started, ends at once.
 */
final class ProcessHost implements Host {

    /** The exit code of {@code -XX:+ExitOnOutOfMemoryError}, used for those errors too that the flag does not see. */
    private static final int OUT_OF_MEMORY = 3;

    private static final int ORPHANED = 113;

    private static final int FAILED = 114;

    /** The channel guards already; looking for the parent would only delay the first task. */
    private static final long WATCH_DELAY_NANOS = 2_000_000_000;

    private final Bootstrap bootstrap;
    private final IoLoop loop;

    ProcessHost(Bootstrap bootstrap, IoLoop loop) {
        this.bootstrap = bootstrap;
        this.loop = loop;
    }

    /**
     * Ctrl-C at a terminal and the stop of a service reach the whole process group. The pool decides when its workers
     * end, so they let these signals pass. A handler, unlike ignoring, is not inherited by what tasks start.
     */
    void ignoreTerminalSignals() {
        SignalHandler nothing = new SignalHandler() {
            @Override
            public void handle(Signal signal) {
                // the channel's end is what counts
            }
        };
        for (String name : new String[] {"INT", "TERM", "HUP"}) {
            try {
                Signal.handle(new Signal(name), nothing);
            } catch (IllegalArgumentException e) {
                continue; // not known here, or -Xrs
            }
        }
    }

    /**
     * A second guard, for the case that somebody else holds the pool's end of the channel open. Not for a worker that is
     * confined to processes of its own: it does not see that of the pool.
     */
    void watchParent() {
        if (!PidNamespace.isShared(bootstrap.parentNamespace())) {
            return;
        }
        Thread watch = new Thread("processpool-parent-watch") {
            @Override
            public void run() {
                LockSupport.parkNanos(WATCH_DELAY_NANOS);
                Optional<ProcessHandle> parent = ProcessHandle.of(bootstrap.parentPid());
                if (parent.isEmpty()) {
                    channelClosed();
                    return;
                }
                while (!ended(parent.get())) {
                    keepTemporaryDirectory();
                }
                channelClosed();
            }
        };
        watch.setDaemon(true);
        watch.start();
    }

    private static boolean ended(ProcessHandle parent) {
        try {
            parent.onExit().get(1, TimeUnit.HOURS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException | ExecutionException e) {
            return !parent.isAlive();
        }
    }

    /** Jobs that tidy up delete what was not touched for days, such as a temporary directory that is rarely used. */
    private void keepTemporaryDirectory() {
        Path directory = Path.of(System.getProperty("java.io.tmpdir", ""));
        if (!Path.of(bootstrap.temporary()).equals(directory.getParent())) {
            return; // the user's
        }
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectory(directory, RuntimeDirectory.privateDirectory());
            }
            Files.setLastModifiedTime(directory, FileTime.from(Instant.now()));
        } catch (IOException | SecurityException e) {
            return; // it has gone with the directory of the pool
        }
    }

    /** Ends this process if that of the pool has died, and removes what the pool cannot remove any more. */
    void endIfOrphaned() {
        if (PidNamespace.isShared(bootstrap.parentNamespace())
                && !ProcessHandle.of(bootstrap.parentPid())
                        .map(ProcessHandle::isAlive)
                        .orElse(false)) {
            channelClosed();
        }
    }

    @Override
    public Lookout lookout() {
        return loop.lookout();
    }

    @Override
    public void enter(SessionContext context) {
        CurrentWorker.setForProcess(context);
    }

    @Override
    public void exit(int code) {
        // A JVM that exits waits 300 ms for threads in native code, such as one that waits for a socket.
        loop.abandon();
        System.exit(code);
    }

    @Override
    public void outOfMemory(OutOfMemoryError error) {
        try {
            sayLast("Terminating due to java.lang.OutOfMemoryError: " + error.getMessage());
        } finally {
            Runtime.getRuntime().halt(OUT_OF_MEMORY);
        }
    }

    @Override
    public void failed(Throwable cause) {
        if (cause instanceof OutOfMemoryError error) {
            outOfMemory(error);
        }
        try {
            killDescendants();
            StackTraceElement[] stack = cause.getStackTrace();
            sayLast("This worker cannot go on: " + FailureCodec.describe(cause)
                    + (stack.length == 0 ? "" : " at " + stack[0]));
        } finally {
            Runtime.getRuntime().halt(FAILED);
        }
    }

    /** Writes a line to stderr itself: System.err may be another stream by now, or some thread may hold its lock. */
    private static void sayLast(String words) {
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), false, charset());
        err.println(words);
        err.flush();
    }

    private static Charset charset() {
        String name = System.getProperty("stderr.encoding");
        return name != null && Charset.isSupported(name) ? Charset.forName(name) : Charset.defaultCharset();
    }

    @Override
    public void channelClosed() {
        try {
            killDescendants();
            removeDirectoryOfDeadPool();
        } finally {
            Runtime.getRuntime().halt(ORPHANED);
        }
    }

    private static void killDescendants() {
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    }

    /** The pool's process could not do it. As long as somebody accepts connections, the pool lives. */
    private void removeDirectoryOfDeadPool() {
        for (int attempt = 0; attempt < 50; attempt++) {
            try {
                Endpoint.connect(bootstrap.endpoint()).close();
            } catch (IOException e) {
                RuntimeDirectory.deleteRecursively(Path.of(bootstrap.directory()));
                RuntimeDirectory.deleteRecursively(Path.of(bootstrap.temporary()));
                if (!bootstrap.memory().isEmpty()) {
                    RuntimeDirectory.deleteRecursively(Path.of(bootstrap.memory()));
                }
                removeClassesOfDeadProcess();
                return;
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    /** Other pools may need them; but the process that has extracted them holds a lock as long as it lives. */
    private void removeClassesOfDeadProcess() {
        if (bootstrap.classes().isEmpty()) {
            return;
        }
        Path directory = Path.of(bootstrap.classes());
        for (int attempt = 0; attempt < 50 && Files.exists(directory); attempt++) {
            if (RuntimeDirectory.deleteIfUnlocked(directory)) {
                return;
            }
            LockSupport.parkNanos(10_000_000);
        }
    }
}
