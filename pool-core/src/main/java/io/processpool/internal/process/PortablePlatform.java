package io.processpool.internal.process;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What {@link ProcessHandle} can do on every platform. */
final class PortablePlatform implements Platform {

    static final PortablePlatform INSTANCE = new PortablePlatform(!isWindows());

    private final boolean signals;

    PortablePlatform(boolean signals) {
        this.signals = signals;
    }

    static boolean isWindows() {
        return System.getProperty("os.name", "").startsWith("Windows");
    }

    @Override
    public long residentBytes(long pid) {
        return -1;
    }

    @Override
    public @Nullable Duration cpuTime(long pid) {
        try {
            return ProcessHandle.of(pid)
                    .flatMap(process -> process.info().totalCpuDuration())
                    .orElse(null);
        } catch (RuntimeException e) {
            return null;
        }
    }

    @Override
    public void killDescendants(ProcessHandle root) {
        kill(children(root));
    }

    @Override
    public void killTree(ProcessHandle root) {
        // Its children are listed before it dies, because then they are somebody else's; and it dies before them,
        // because it could start others.
        List<ProcessHandle> children = descendants(root);
        kill(root);
        kill(children);
    }

    /** Kills these and their descendants; each one's children are listed right before it dies. */
    private static void kill(List<ProcessHandle> processes) {
        Deque<ProcessHandle> pending = new ArrayDeque<>(processes);
        Set<ProcessHandle> killed = new HashSet<>();
        for (ProcessHandle next = pending.poll(); next != null; next = pending.poll()) {
            if (killed.add(next)) {
                pending.addAll(children(next));
                kill(next);
            }
        }
    }

    /** Kills the process if it is still the same one: a handle knows the start time. */
    static void kill(ProcessHandle process) {
        try {
            process.destroyForcibly();
        } catch (RuntimeException e) {
            // not permitted; there is nothing more that could be done
        }
    }

    private static List<ProcessHandle> children(ProcessHandle process) {
        try (Stream<ProcessHandle> children = process.children()) {
            return children.toList();
        } catch (RuntimeException e) {
            return List.of();
        }
    }

    private static List<ProcessHandle> descendants(ProcessHandle process) {
        try (Stream<ProcessHandle> descendants = process.descendants()) {
            return descendants.toList();
        } catch (RuntimeException e) {
            return List.of();
        }
    }

    @Override
    public void sweep(String marker) {
        // the environment of another process cannot be read
    }

    @Override
    public @Nullable String signalName(int exitCode) {
        return signals ? Signals.common(exitCode - Signals.EXIT_CODE_BASE) : null;
    }

    @Override
    public long outOfMemoryKills() {
        return -1;
    }
}
