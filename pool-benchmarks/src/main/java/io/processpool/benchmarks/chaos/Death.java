package io.processpool.benchmarks.chaos;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The ways in which the process of a pool ends, or seems to. */
enum Death {
    /** {@code SIGKILL}. */
    KILL,
    /** {@code SIGTERM}: an orderly exit. */
    TERM,
    /** {@code Runtime.halt}. */
    HALT,
    /** Its heap is full: the main thread ends with an {@code OutOfMemoryError}, and so does the JVM. */
    EXHAUSTION,
    /** The same with {@code -XX:+ExitOnOutOfMemoryError}. */
    EXIT_ON_EXHAUSTION,
    /** The same with {@code -XX:+CrashOnOutOfMemoryError}. */
    CRASH_ON_EXHAUSTION,
    /** {@code SIGSTOP} and, after a while, {@code SIGCONT}: it only seems to be dead. */
    FREEZE;

    /** Returns the options of its JVM. */
    List<String> options(Path directory) {
        return switch (this) {
            case EXIT_ON_EXHAUSTION -> List.of("-XX:+ExitOnOutOfMemoryError");
            case CRASH_ON_EXHAUSTION ->
                List.of(
                        "-XX:+CrashOnOutOfMemoryError",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=" + directory.resolve("crash.log"));
            default -> List.of();
        };
    }

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
