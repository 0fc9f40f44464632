package io.processpool.internal.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The memory that this process and its workers may use together: what the control groups that they are in allow (version 2
 * or 1), and how much of it is in use. What the kernel keeps of files and can drop at any time does not count.
 *
 * <p>Groups are nested, and each may have a limit; the one that is nearest to its limit counts. Limits may change while this
 * process runs. Thread-safe.
 */
public final class ContainerMemory {

    /** Version 1 says "no limit" with a very large number. */
    private static final long UNLIMITED = 1L << 60;

    private static final String TOTAL = "MemTotal:";

    /**
     * A look at the memory.
     *
     * @param used how many bytes are in use
     * @param limit how many there may be
     */
    public record Usage(long used, long limit) {

        /** Returns how many bytes are left. */
        public long free() {
            return limit - used;
        }
    }

    /** One control group, in the words of its version. */
    private record Group(Path directory, String limit, String used, Set<String> droppable) {

        static Group ofVersion2(Path directory) {
            return new Group(
                    directory,
                    "memory.max",
                    "memory.current",
                    Set.of("inactive_file", "active_file", "slab_reclaimable"));
        }

        static Group ofVersion1(Path directory) {
            return new Group(
                    directory,
                    "memory.limit_in_bytes",
                    "memory.usage_in_bytes",
                    Set.of("total_inactive_file", "total_active_file"));
        }

        @Nullable
        Usage read() {
            long most = number(first(directory.resolve(limit)));
            if (most < 0 || most >= UNLIMITED) {
                return null;
            }
            long now = number(first(directory.resolve(used)));
            if (now < 0) {
                return null;
            }
            long cache = 0;
            for (String line : lines(directory.resolve("memory.stat"))) {
                int space = line.indexOf(' ');
                if (space > 0 && droppable.contains(line.substring(0, space))) {
                    cache += Math.max(0, number(line.substring(space)));
                }
            }
            return new Usage(Math.max(0, now - cache), most);
        }
    }

    private final Path proc;
    private final List<Group> groups;

    ContainerMemory(Path proc, Path cgroups) {
        this.proc = proc;
        this.groups = groups(proc, cgroups);
    }

    /** Returns that of this process; on Linux only it says anything. */
    public static ContainerMemory current() {
        return new ContainerMemory(Path.of("/proc"), Path.of("/sys/fs/cgroup"));
    }

    private static List<Group> groups(Path proc, Path cgroups) {
        List<Group> found = new ArrayList<>();
        for (String line : lines(proc.resolve("self/cgroup"))) {
            // <id>:<controllers>:<path>, with 0 and no controllers in version 2
            String[] parts = line.split(":", 3);
            if (parts.length < 3) {
                continue;
            }
            if (parts[1].isEmpty()) {
                for (Path directory : directories(cgroups, parts[2])) {
                    found.add(Group.ofVersion2(directory));
                }
            } else if (List.of(parts[1].split(",")).contains("memory")) {
                for (Path directory : directories(cgroups.resolve("memory"), parts[2])) {
                    found.add(Group.ofVersion1(directory));
                }
            }
        }
        return List.copyOf(found);
    }

    /**
     * The group and those around it. In a container, the path may be that outside of it: then the root is the group, and those
     * below are not there. Others may get their files when somebody wants to limit them.
     */
    private static List<Path> directories(Path root, String group) {
        List<Path> all = new ArrayList<>();
        Path directory = root;
        all.add(root);
        for (String name : group.split("/")) {
            if (!name.isEmpty() && !name.equals("..")) {
                directory = directory.resolve(name);
                all.add(directory);
            }
        }
        return all;
    }

    /** Whether there are control groups, so that there is a limit, or one may be set. */
    public boolean isControlled() {
        return !groups.isEmpty();
    }

    /** Returns the look at the group that is nearest to its limit, or null if none has a limit. */
    public @Nullable Usage read() {
        Usage nearest = null;
        for (Group group : groups) {
            Usage usage = group.read();
            if (usage != null && (nearest == null || usage.free() < nearest.free())) {
                nearest = usage;
            }
        }
        return nearest;
    }

    /** Returns the lowest limit, or -1 if there is none. */
    public long limit() {
        long lowest = -1;
        for (Group group : groups) {
            Usage usage = group.read();
            if (usage != null && (lowest < 0 || usage.limit() < lowest)) {
                lowest = usage.limit();
            }
        }
        return lowest;
    }

    /** Returns the memory of the machine, or -1 if it is not known. */
    public long physical() {
        for (String line : lines(proc.resolve("meminfo"))) {
            if (line.startsWith(TOTAL)) {
                long kibibytes =
                        number(line.substring(TOTAL.length()).replace("kB", "").trim());
                return kibibytes < 0 ? -1 : kibibytes * 1024;
            }
        }
        return -1;
    }

    /** Returns the resident memory of this process, or -1 if it is not known. */
    public static long ownResident() {
        return Platform.current().residentBytes(ProcessHandle.current().pid());
    }

    private static String first(Path file) {
        List<String> lines = lines(file);
        return lines.isEmpty() ? "" : lines.get(0);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException | SecurityException e) {
            return List.of();
        }
    }

    /** Returns the number, or -1 if it is none, as "max". */
    private static long number(String text) {
        try {
            return Long.parseLong(text.trim());
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
