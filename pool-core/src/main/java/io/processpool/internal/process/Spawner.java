package io.processpool.internal.process;

import io.processpool.WorkerStartException;
import io.processpool.internal.Nanos;
import io.processpool.internal.ThreadNames;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Starts processes, each on a thread of its own: {@link ProcessBuilder#start()} can hang, if native code forks at the
 * same time or the file system does not answer, and then the caller goes on after the deadline. Says why a start failed.
 */
final class Spawner {

    /** The JDK's words for trouble with its own {@code lib/jspawnhelper}. */
    private static final Pattern HELPER = Pattern.compile("jspawnhelper|spawn helper|posix_spawn");

    private final String pool;
    private final Duration timeout;

    Spawner(String pool, Duration timeout) {
        this.pool = pool;
        this.timeout = timeout;
    }

    /**
     * Starts the process.
     *
     * @throws WorkerStartException if that fails, takes too long, or the thread is interrupted
     */
    Process start(ProcessBuilder builder, int slot) {
        return start(builder, builder::start, slot);
    }

    /** The parts apart, because a start that hangs cannot be had on demand. */
    Process start(ProcessBuilder builder, Callable<Process> start, int slot) {
        CompletableFuture<Process> started = new CompletableFuture<>();
        try {
            Threads.start(ThreadNames.of(pool, "start-" + slot), () -> {
                try {
                    started.complete(start.call());
                } catch (Throwable e) {
                    started.completeExceptionally(e);
                }
            });
            return started.get(Nanos.of(timeout), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw failure(explain(cause, builder), builder, slot, cause);
        } catch (TimeoutException e) {
            abandon(started);
            throw failure("The operating system did not start it within " + timeout, builder, slot, e);
        } catch (InterruptedException e) {
            abandon(started);
            Thread.currentThread().interrupt();
            throw failure("The thread was interrupted", builder, slot, e);
        } catch (OutOfMemoryError e) {
            throw failure("This process cannot create more threads", builder, slot, e);
        }
    }

    /** Should the process come to be after all, nobody knows it. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private static void abandon(CompletableFuture<Process> started) {
        started.whenComplete((process, failure) -> {
            if (process != null) {
                process.destroyForcibly();
            }
        });
    }

    private WorkerStartException failure(String reason, ProcessBuilder builder, int slot, Throwable cause) {
        return new WorkerStartException(
                "A worker process cannot be started. " + reason + " (pool=" + pool + ", worker=" + slot + ", command="
                        + builder.command() + ", directory=" + directory(builder) + ")",
                cause);
    }

    private static Path directory(ProcessBuilder builder) {
        File directory = builder.directory();
        return directory == null ? Path.of("").toAbsolutePath() : directory.toPath();
    }

    /** Finds out what the message of the operating system means here. */
    private static String explain(Throwable failure, ProcessBuilder builder) {
        String message = String.valueOf(failure.getMessage());
        if (!(failure instanceof IOException)) {
            return "A setting is not valid: " + message;
        }
        Path directory = directory(builder);
        if (!Files.isDirectory(directory)) {
            return "The working directory does not exist, or is not a directory: workingDirectory=" + directory;
        }
        if (HELPER.matcher(message).find() || isHelperGone()) {
            return "The JDK of this process has most likely been replaced or upgraded in place; restart this process: "
                    + message;
        }
        return hint(message, builder.command()) + message;
    }

    /** The JDK runs {@code lib/jspawnhelper}, which must be of its own version. */
    private static boolean isHelperGone() {
        List<String> unix = List.of("Linux", "Mac OS X");
        return unix.contains(System.getProperty("os.name"))
                && !Files.exists(Path.of(System.getProperty("java.home"), "lib", "jspawnhelper"));
    }

    /** The numbers are those of errno; the texts are for platforms with others. */
    private static String hint(String message, List<String> command) {
        if (isError(message, 2, "No such file")) {
            return "The command does not exist: " + command.get(0) + ". ";
        }
        if (isError(message, 13, "Permission denied")) {
            return "The command must not be executed, or the working directory not be entered: " + command.get(0)
                    + ". ";
        }
        if (isError(message, 11, "Resource temporarily unavailable")) {
            return "Too many processes or threads; raise the limit (ulimit -u, pids.max) or use fewer workers. ";
        }
        if (isError(message, 24, "Too many open files") || isError(message, 23, "Too many open files in system")) {
            return "Too many open files; raise the limit (ulimit -n). ";
        }
        if (isError(message, 12, "Cannot allocate memory")) {
            return "Not enough memory for another process. ";
        }
        return "";
    }

    /** JDK 17 writes {@code error=2, ...}, later ones {@code error: 2 (...)}. */
    private static boolean isError(String message, int number, String text) {
        return message.contains("error=" + number + ",")
                || message.contains("error: " + number + " ")
                || message.contains(text);
    }
}
