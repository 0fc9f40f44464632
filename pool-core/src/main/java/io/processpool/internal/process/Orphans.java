package io.processpool.internal.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds and kills workers that have outlived the process of their pool. A worker ends by itself when that process is gone,
 * unless it cannot: because it is stopped, above all.
 *
 * <p>What is recognised is never a pid alone. The command line of a worker names a file in the
 * {@linkplain RuntimeDirectory runtime directory} of its pool, whose name holds the owner's pid and start time, and no such
 * process exists any more. Three more signs must agree: it is a process of this user; it sees the same processes as this
 * one, for in another container a pid means nothing here; and the owner is not among its ancestors, as it is as long as it
 * lives, however the clock was set meanwhile.
 *
 * <p>Where the command lines of other processes cannot be read, as on Windows, nothing is found.
 */
final class Orphans {

    private static final String PROPERTY = "-D" + CommandLine.PROPERTY + "=";

    private static final Pattern FILE = Pattern.compile("@.*[/\\\\]" + Pattern.quote(RuntimeDirectory.PREFIX)
            + "(\\d{1,18})-(\\d{1,18})-[0-9a-f]+[/\\\\][^/\\\\]+");

    /** No process descends from so many others. */
    private static final int MAX_ANCESTORS = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

    private final Platform platform;

    Orphans(Platform platform) {
        this.platform = platform;
    }

    /** Kills what there is, on a thread of its own: there may be many processes to look at. Never throws. */
    static void killInBackground() {
        try {
            Threads.start("processpool-orphans", new Orphans(Platform.current())::kill);
        } catch (OutOfMemoryError e) {
            LOG.debug("No thread to look for workers that have outlived their pools", e);
        }
    }

    /** Kills what there is, with what it has started. Never throws. */
    void kill() {
        try {
            for (ProcessHandle orphan : find()) {
                LOG.warn("Killed a worker that has outlived the process of its pool (pid={})", orphan.pid());
                platform.killTree(orphan);
            }
        } catch (RuntimeException e) {
            LOG.debug("Cannot look for workers that have outlived their pools", e);
        }
    }

    List<ProcessHandle> find() {
        Optional<String> user = ProcessHandle.current().info().user();
        if (user.isEmpty()) {
            return List.of();
        }
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            List<ProcessHandle> orphans = new ArrayList<>();
            all.filter(process -> isOrphan(process, user)).forEach(orphans::add);
            return orphans;
        }
    }

    private static boolean isOrphan(ProcessHandle process, Optional<String> user) {
        ProcessHandle.Info info = process.info();
        Matcher owner = owner(info.arguments().orElse(null));
        if (owner == null || !info.user().equals(user) || !seesTheSameProcesses(process)) {
            return false;
        }
        long pid = Long.parseLong(owner.group(1));
        return Leftovers.isOwnerDead(pid, Long.parseLong(owner.group(2))) && !descendsFrom(process, pid);
    }

    /** Finds the owner in the arguments of a worker; null if they are not those of one. */
    private static @Nullable Matcher owner(String @Nullable [] arguments) {
        if (arguments == null || arguments.length < 2) {
            return null;
        }
        String last = arguments[arguments.length - 1];
        Matcher file = FILE.matcher(last);
        return arguments[arguments.length - 2].startsWith(PROPERTY) && file.matches() ? file : null;
    }

    private static boolean descendsFrom(ProcessHandle process, long ancestor) {
        Optional<ProcessHandle> parent = process.parent();
        for (int i = 0; i < MAX_ANCESTORS && parent.isPresent(); i++) {
            if (parent.get().pid() == ancestor) {
                return true;
            }
            parent = parent.get().parent();
        }
        return false;
    }

    /** Where there are no name spaces all do; a process of one's own whose name space cannot be read is another's. */
    private static boolean seesTheSameProcesses(ProcessHandle process) {
        Path own = Path.of("/proc/self/ns/pid");
        try {
            return !Files.exists(own)
                    || Files.readSymbolicLink(own)
                            .equals(Files.readSymbolicLink(
                                    Path.of("/proc", String.valueOf(process.pid()), "ns", "pid")));
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }
}
