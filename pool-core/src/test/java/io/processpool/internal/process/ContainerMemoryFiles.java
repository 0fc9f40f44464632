package io.processpool.internal.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of a container with a limit, for tests. */
public final class ContainerMemoryFiles {

    private final Path root;

    /** Makes them. */
    public ContainerMemoryFiles(Path root, long limit) throws IOException {
        this.root = root;
        Files.createDirectories(root.resolve("proc/self"));
        Files.createDirectories(root.resolve("cgroup"));
        Files.writeString(root.resolve("proc/self/cgroup"), "0::/\n");
        limit(Long.toString(limit));
        use(0);
    }

    /** Sets the limit, or that there is none: {@code max}. */
    public void limit(String limit) throws IOException {
        Files.writeString(root.resolve("cgroup/memory.max"), limit + "\n");
    }

    /** Says how much is in use. */
    public void use(long bytes) throws IOException {
        Files.writeString(root.resolve("cgroup/memory.current"), bytes + "\n");
    }

    /** Returns what reads the files. */
    public ContainerMemory memory() {
        return new ContainerMemory(root.resolve("proc"), root.resolve("cgroup"));
    }
}
