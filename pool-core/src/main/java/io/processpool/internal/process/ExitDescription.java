package io.processpool.internal.process;

import io.processpool.WorkerExit;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Why a worker ended.
 *
 * @param exit the facts
 * @param outOfMemory whether its JVM ran out of memory
 * @param text a phrase that continues "the worker ended: "
 */
public record ExitDescription(WorkerExit exit, boolean outOfMemory, String text) {

    /** The exit code of a JVM with {@code -XX:+ExitOnOutOfMemoryError}. */
    static final int OUT_OF_MEMORY_CODE = 3;

    /** The exit codes of a JVM that crashes, without and with a core file: in the latter case it ends by SIGABRT. */
    private static final Set<Integer> CRASH_CODES = Set.of(1, Signals.EXIT_CODE_BASE + 6);

    private static final Pattern OUT_OF_MEMORY = Pattern.compile("java\\.lang\\.OutOfMemoryError(: (?<reason>.*))?");

    /** What the JVM prints itself, whatever its exit code is. */
    private static final Pattern JVM_OUT_OF_MEMORY =
            Pattern.compile("^(Terminating|Aborting) due to java\\.lang\\.OutOfMemoryError(: (?<reason>.*))?");

    /** The fourth line or so of an error file, which is printed as well: {@code #  SIGSEGV (0xb) at pc=...}. */
    private static final Pattern CRASH = Pattern.compile("^#\\s+(?<signal>SIG[A-Z]+|EXCEPTION_\\w+) \\(0x[0-9a-f]+\\)");

    /**
     * What is known of an end.
     *
     * @param slot the slot of the worker
     * @param pid its process id
     * @param exitCode its exit code, -1 if not known
     * @param killed whether this pool has tried to kill it; it may have ended by itself before
     * @param kernelOutOfMemory whether the kernel's out-of-memory killer has been at work meanwhile
     * @param stderr the last lines of stderr
     * @param stdout the last lines of stdout
     * @param errorFile the JVM's error file, if any
     * @param errorHead the first lines of it
     */
    record Facts(
            int slot,
            long pid,
            int exitCode,
            boolean killed,
            boolean kernelOutOfMemory,
            List<String> stderr,
            List<String> stdout,
            @Nullable Path errorFile,
            List<String> errorHead) {}

    /** Draws the conclusions. */
    static ExitDescription of(Facts facts, Platform platform) {
        String exitSignal = platform.signalName(facts.exitCode());
        boolean killed = facts.killed() && (exitSignal == null ? facts.exitCode() == 1 : exitSignal.equals("SIGKILL"));
        String crash = killed ? null : crashSignal(facts);
        String signal = crash != null ? crash : exitSignal;
        String memory = killed ? null : outOfMemoryReason(facts);
        WorkerExit exit = new WorkerExit(
                facts.slot(),
                facts.pid(),
                facts.exitCode(),
                signal,
                facts.stderr(),
                facts.errorFile() == null ? null : facts.errorFile().toString());
        return new ExitDescription(exit, memory != null, text(facts, signal, crash != null, memory));
    }

    private static String text(Facts facts, @Nullable String signal, boolean crashed, @Nullable String memory) {
        String code = "exit code " + facts.exitCode();
        if (facts.exitCode() < 0 && signal == null) {
            return facts.exitCode() == -1 ? "it has not been reaped yet" : code;
        }
        if (memory != null) {
            return "out of memory: " + memory + " (" + code + ")";
        }
        if (crashed) {
            return "the JVM crashed with " + signal + " (" + code
                    + (facts.errorFile() == null ? "" : ", see " + facts.errorFile()) + ")";
        }
        if (signal == null) {
            return code;
        }
        return "killed by " + signal + hint(facts, signal) + " (" + code + ")";
    }

    private static String hint(Facts facts, String signal) {
        if (facts.killed()) {
            return " of this pool";
        }
        if (!signal.equals("SIGKILL")) {
            return "";
        }
        return facts.kernelOutOfMemory()
                ? ", most likely by the kernel, which ran out of memory just now: lower maxHeap or the number of workers,"
                        + " or raise the memory limit"
                : ", from outside or by the kernel for want of memory";
    }

    private static @Nullable String crashSignal(Facts facts) {
        if (!CRASH_CODES.contains(facts.exitCode())) {
            return null;
        }
        return Stream.of(facts.errorHead(), facts.stdout(), facts.stderr())
                .flatMap(List::stream)
                .map(CRASH::matcher)
                .filter(Matcher::find)
                .map(found -> found.group("signal"))
                .findFirst()
                .orElse(null);
    }

    private static @Nullable String outOfMemoryReason(Facts facts) {
        if (facts.exitCode() == 0) {
            return null;
        }
        Pattern pattern = facts.exitCode() == OUT_OF_MEMORY_CODE ? OUT_OF_MEMORY : JVM_OUT_OF_MEMORY;
        // The last word counts: earlier errors may have been survived.
        return Stream.of(facts.stdout(), facts.stderr())
                .flatMap(List::stream)
                .map(pattern::matcher)
                .filter(Matcher::find)
                .map(found -> found.group("reason") == null ? "OutOfMemoryError" : found.group("reason"))
                .reduce((earlier, later) -> later)
                .orElse(null);
    }
}
