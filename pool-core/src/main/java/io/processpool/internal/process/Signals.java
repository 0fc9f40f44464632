package io.processpool.internal.process;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names of signals. */
final class Signals {

    /** The JDK reports a process that signal n ended with the exit code 128 + n. */
    static final int EXIT_CODE_BASE = 128;

    /** Those with the same number on every Unix. */
    private static final Map<Integer, String> COMMON = Map.ofEntries(
            Map.entry(1, "SIGHUP"),
            Map.entry(2, "SIGINT"),
            Map.entry(3, "SIGQUIT"),
            Map.entry(4, "SIGILL"),
            Map.entry(5, "SIGTRAP"),
            Map.entry(6, "SIGABRT"),
            Map.entry(8, "SIGFPE"),
            Map.entry(9, "SIGKILL"),
            Map.entry(11, "SIGSEGV"),
            Map.entry(13, "SIGPIPE"),
            Map.entry(14, "SIGALRM"),
            Map.entry(15, "SIGTERM"));

    /** The others on Linux, on the architectures that the JDK runs on. */
    private static final Map<Integer, String> LINUX = Map.ofEntries(
            Map.entry(7, "SIGBUS"),
            Map.entry(10, "SIGUSR1"),
            Map.entry(12, "SIGUSR2"),
            Map.entry(16, "SIGSTKFLT"),
            Map.entry(17, "SIGCHLD"),
            Map.entry(18, "SIGCONT"),
            Map.entry(19, "SIGSTOP"),
            Map.entry(20, "SIGTSTP"),
            Map.entry(21, "SIGTTIN"),
            Map.entry(22, "SIGTTOU"),
            Map.entry(23, "SIGURG"),
            Map.entry(24, "SIGXCPU"),
            Map.entry(25, "SIGXFSZ"),
            Map.entry(26, "SIGVTALRM"),
            Map.entry(27, "SIGPROF"),
            Map.entry(28, "SIGWINCH"),
            Map.entry(29, "SIGIO"),
            Map.entry(30, "SIGPWR"),
            Map.entry(31, "SIGSYS"));

    private Signals() {}

    /** Returns the name of a signal that has the same number on every Unix, or null. */
    static @Nullable String common(int number) {
        return COMMON.get(number);
    }

    /** Returns the name of a signal on Linux, or null. */
    static @Nullable String linux(int number) {
        String name = COMMON.get(number);
        return name != null ? name : LINUX.get(number);
    }
}
