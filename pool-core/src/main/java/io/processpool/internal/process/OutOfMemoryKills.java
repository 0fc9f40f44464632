package io.processpool.internal.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernel's count of processes that its out-of-memory killer has ended: of this control group where it can be read
 * (version 2 or 1), else of the machine. All three files have a line {@code oom_kill <count>}.
 */
final class OutOfMemoryKills {

    private static final String KEY = "oom_kill ";

    private final Path proc;
    private final Path cgroups;

    OutOfMemoryKills(Path proc, Path cgroups) {
        this.proc = proc;
        this.cgroups = cgroups;
    }

    /** Returns the count, or -1 if it is not known. Only differences mean something. */
    long read() {
        for (Path file : candidates()) {
            long count = count(lines(file));
            if (count >= 0) {
                return count;
            }
        }
        return -1;
    }

    private List<Path> candidates() {
        List<Path> files = new ArrayList<>();
        for (String line : lines(proc.resolve("self/cgroup"))) {
            // <id>:<controllers>:<path>, with 0 and no controllers in version 2
            String[] parts = line.split(":", 3);
            if (parts.length < 3) {
                continue;
            }
            String group = parts[2].substring(parts[2].startsWith("/") ? 1 : 0);
            if (parts[1].isEmpty()) {
                files.add(cgroups.resolve(group).resolve("memory.events"));
                files.add(cgroups.resolve("memory.events"));
            } else if (List.of(parts[1].split(",")).contains("memory")) {
                files.add(cgroups.resolve("memory").resolve(group).resolve("memory.oom_control"));
                files.add(cgroups.resolve("memory/memory.oom_control"));
            }
        }
        files.add(proc.resolve("vmstat"));
        return files;
    }

    private static long count(List<String> lines) {
        for (String line : lines) {
            if (line.startsWith(KEY)) {
                return parse(line.substring(KEY.length()).trim());
            }
        }
        return -1;
    }

    private static long parse(String number) {
        try {
            return Long.parseLong(number);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException | SecurityException e) {
            return List.of();
        }
    }
}
