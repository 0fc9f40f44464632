package io.processpool.internal.process;

import io.processpool.WorkerStartException;
import io.processpool.internal.LaunchSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The command line of one worker: {@code <prefix> <java.home>/bin/java -Dprocesspool.worker=<pool>-<slot> @file}. The
 * property is for people who look at a list of processes; all else is in the file.
 */
final class CommandLine {

    /** The system property that tells what a process is. */
    static final String PROPERTY = "processpool.worker";

    private static final int MAX_PORT = 65535;

    private final boolean prefixed;
    private final List<String> arguments;
    private final ArgumentFile file;

    private CommandLine(boolean prefixed, List<String> arguments, ArgumentFile file) {
        this.prefixed = prefixed;
        this.arguments = arguments;
        this.file = file;
    }

    /**
     * What goes into a command line.
     *
     * @param pool the name of the pool
     * @param slot the slot of the worker
     * @param settings the settings
     * @param defaults the pool's own JVM options
     * @param inherited options of this JVM
     * @param packaging how the worker gets its classes
     */
    record Parts(
            String pool,
            int slot,
            LaunchSettings settings,
            List<String> defaults,
            List<String> inherited,
            Packaging packaging) {

        /** All that follows {@code java}; later ones win, so the user's come after ours. */
        List<String> jvmArguments() {
            List<String> all = new ArrayList<>(defaults);
            all.addAll(inherited);
            all.addAll(Placeholders.fill(settings.jvmArguments(), slot));
            String debugger = debugger(settings.debugPort(), slot);
            if (debugger != null) {
                all.add(debugger);
            }
            all.addAll(packaging.options());
            all.add(packaging.mainClass());
            return all;
        }
    }

    /**
     * Writes the argument file.
     *
     * @param file where
     * @throws WorkerStartException if that is not possible, or there is no {@code java}
     */
    static CommandLine write(Parts parts, Path file) {
        return write(
                Placeholders.fill(parts.settings().commandPrefix(), parts.slot(), directoryOf(file)),
                parts.pool() + "-" + parts.slot(),
                parts.jvmArguments(),
                file);
    }

    /**
     * Writes the argument file of any process.
     *
     * @param prefix what comes before {@code java}
     * @param label what people who look at a list of processes are to read
     * @param jvmArguments what is to be in the file
     * @param file where
     * @throws WorkerStartException if that is not possible, or there is no {@code java}
     */
    static CommandLine write(List<String> prefix, String label, List<String> jvmArguments, Path file) {
        List<String> all = new ArrayList<>(prefix);
        all.add(java(System.getProperty("java.home")).toString());
        all.add("-D" + PROPERTY + "=" + label);
        ArgumentFile arguments = ArgumentFile.write(file, jvmArguments);
        all.add("@" + arguments.path());
        return new CommandLine(!prefix.isEmpty(), List.copyOf(all), arguments);
    }

    private static Path directoryOf(Path file) {
        return Objects.requireNonNull(file.toAbsolutePath().getParent());
    }

    static Path java(@Nullable String home) {
        if (home == null) {
            throw new WorkerStartException(
                    "Workers need a JDK, and this process does not run on one (java.home is not set)", null);
        }
        Path java = Path.of(home, "bin", PortablePlatform.isWindows() ? "java.exe" : "java");
        if (!Files.isRegularFile(java)) {
            throw new WorkerStartException(
                    "There is no java executable in the JDK of this process; it has been removed or replaced, or is a"
                            + " runtime image without launcher (missing=" + java + ", java.home=" + home + ")",
                    null);
        }
        return java;
    }

    /**
     * Returns the option for the debugger, or null for none. A worker and its replacement live side by side for a
     * while; the JVM would not start on a port that is taken, so then it chooses one, and prints it.
     */
    private static @Nullable String debugger(int base, int slot) {
        if (base <= 0) {
            return null;
        }
        int port = base + slot;
        return "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:" + (isFree(port) ? port : 0);
    }

    private static boolean isFree(int port) {
        if (port > MAX_PORT) {
            return false;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether another command comes before {@code java}. */
    boolean hasPrefix() {
        return prefixed;
    }

    /** Returns the command and its arguments. */
    List<String> arguments() {
        return arguments;
    }

    /** Deletes the argument file, which the JVM reads only while it starts. Idempotent. */
    void release() {
        file.delete();
    }
}
