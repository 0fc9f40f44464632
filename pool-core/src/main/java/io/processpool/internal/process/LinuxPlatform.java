package io.processpool.internal.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What {@code /proc} tells. */
final class LinuxPlatform implements Platform {

    static final LinuxPlatform INSTANCE = new LinuxPlatform(Path.of("/proc"), PortablePlatform.INSTANCE);

    /** The unit of times in {@code /proc/<pid>/stat}; the same on every Linux that the JDK runs on. */
    private static final int CLOCK_TICKS_PER_SECOND = 100;

    /** Where user and system time are in {@code /proc/<pid>/stat}, counted from the state, which is the third field. */
    private static final int USER_TIME = 14 - 3;

    private static final int SYSTEM_TIME = 15 - 3;

    private static final Pattern RESIDENT = Pattern.compile("^VmRSS:\\s+(\\d{1,15}) kB", Pattern.MULTILINE);

    /** A process that starts others faster than they are found is not chased forever. */
    private static final int MAX_SWEEPS = 10;

    private final Path proc;
    private final PortablePlatform portable;
    private final OutOfMemoryKills outOfMemoryKills;

    LinuxPlatform(Path proc, PortablePlatform portable) {
        this.proc = proc;
        this.portable = portable;
        this.outOfMemoryKills = new OutOfMemoryKills(proc, Path.of("/sys/fs/cgroup"));
    }

    static boolean isSupported() {
        return System.getProperty("os.name", "").equals("Linux") && Files.isReadable(Path.of("/proc/self/stat"));
    }

    /** Reads {@code status}, which counts in kB: {@code statm} counts in pages, and their size is not known here. */
    @Override
    public long residentBytes(long pid) {
        String status = read(pid, "status");
        Matcher size = RESIDENT.matcher(status == null ? "" : status);
        return size.find() ? Long.parseLong(size.group(1)) * 1024 : -1;
    }

    @Override
    public @Nullable Duration cpuTime(long pid) {
        String stat = read(pid, "stat");
        if (stat == null) {
            return null;
        }
        try {
            // The second field is the name in parentheses, and may itself contain any character.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            long ticks = Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]);
            return Duration.ofMillis(ticks * (1000 / CLOCK_TICKS_PER_SECOND));
        } catch (RuntimeException e) {
            return null;
        }
    }

    private @Nullable String read(long pid, String file) {
        try {
            return Files.readString(proc.resolve(Long.toString(pid)).resolve(file), StandardCharsets.ISO_8859_1);
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    @Override
    public void killDescendants(ProcessHandle root) {
        portable.killDescendants(root);
    }

    @Override
    public void killTree(ProcessHandle root) {
        portable.killTree(root);
    }

    @Override
    public void sweep(String marker) {
        byte[] entry = (WorkerEnvironment.MARKER + "=" + marker).getBytes(StandardCharsets.ISO_8859_1);
        Set<Long> killed = new HashSet<>();
        int before;
        int sweeps = 0;
        do {
            before = killed.size();
            sweepOnce(entry, killed);
        } while (killed.size() > before && ++sweeps < MAX_SWEEPS);
    }

    /** Kills each that is not in the set, and adds it. */
    private void sweepOnce(byte[] entry, Set<Long> killed) {
        long self = ProcessHandle.current().pid();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, LinuxPlatform::isProcess)) {
            for (Path process : processes) {
                long pid = Long.parseLong(process.getFileName().toString());
                if (pid != self && !killed.contains(pid) && isMarked(process, entry)) {
                    killed.add(pid);
                    // The handle first and then once more the look: so it is the handle of that very process.
                    ProcessHandle handle = ProcessHandle.of(pid).orElse(null);
                    if (handle != null && isMarked(process, entry)) {
                        PortablePlatform.kill(handle);
                    }
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // without /proc nothing is found
        }
    }

    private static boolean isProcess(Path path) {
        return Character.isDigit(path.getFileName().toString().charAt(0));
    }

    /** Unreadable ones belong to somebody else; those of threads in exit and of zombies are empty. */
    private static boolean isMarked(Path process, byte[] entry) {
        try {
            return contains(Files.readAllBytes(process.resolve("environ")), entry);
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns whether one of the NUL-terminated strings is the entry, or begins with it and a slash. */
    static boolean contains(byte[] environ, byte[] entry) {
        int start = 0;
        while (start + entry.length <= environ.length) {
            int end = start;
            while (end < environ.length && environ[end] != 0) {
                end++;
            }
            int length = end - start;
            if (length >= entry.length
                    && Arrays.equals(environ, start, start + entry.length, entry, 0, entry.length)
                    && (length == entry.length || environ[start + entry.length] == '/')) {
                return true;
            }
            start = end + 1;
        }
        return false;
    }

    @Override
    public @Nullable String signalName(int exitCode) {
        return Signals.linux(exitCode - Signals.EXIT_CODE_BASE);
    }

    @Override
    public long outOfMemoryKills() {
        return outOfMemoryKills.read();
    }
}
