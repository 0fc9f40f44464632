package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.process.ContainerMemory.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Control groups of both versions, as files. */
class ContainerMemoryTests {

    private static final long MIB = 1 << 20;

    @TempDir
    Path root;

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private ContainerMemory memory() {
        return new ContainerMemory(root.resolve("proc"), root.resolve("cgroup"));
    }

    private void version2(String group, String limit, long used, long files) throws IOException {
        write("cgroup/" + group + "memory.max", limit + "\n");
        write("cgroup/" + group + "memory.current", used + "\n");
        write("cgroup/" + group + "memory.stat", "anon 1\ninactive_file " + files + "\ninactive_anon 77\n");
    }

    @Test
    void read_version2InAContainer_isThatOfTheRoot() throws IOException {
        write("proc/self/cgroup", "0::/\n");
        version2("", "" + 512 * MIB, 300 * MIB, 50 * MIB);

        assertThat(memory().read()).isEqualTo(new Usage(250 * MIB, 512 * MIB));
        assertThat(memory().limit()).isEqualTo(512 * MIB);
    }

    @Test
    void read_version2_whatTheKernelCanDropDoesNotCount() throws IOException {
        write("proc/self/cgroup", "0::/\n");
        version2("", "" + 512 * MIB, 300 * MIB, 50 * MIB);
        write(
                "cgroup/memory.stat",
                "file 9\ninactive_file " + 50 * MIB + "\nactive_file " + 30 * MIB + "\nslab_reclaimable " + 20 * MIB
                        + "\nslab_unreclaimable 7\n");

        assertThat(memory().read()).isEqualTo(new Usage(200 * MIB, 512 * MIB));
    }

    @Test
    void read_version2WithoutLimit_isNothing() throws IOException {
        write("proc/self/cgroup", "0::/app\n");
        version2("app/", "max", 300 * MIB, 0);

        assertThat(memory().read()).isNull();
        assertThat(memory().limit()).isEqualTo(-1);
    }

    @Test
    void read_version2Nested_isTheOneNearestToItsLimit() throws IOException {
        write("proc/self/cgroup", "0::/pod/app\n");
        version2("pod/", "" + 512 * MIB, 500 * MIB, 0);
        version2("pod/app/", "" + 256 * MIB, 100 * MIB, 0);

        assertThat(memory().read()).isEqualTo(new Usage(500 * MIB, 512 * MIB));
        assertThat(memory().limit()).isEqualTo(256 * MIB);
    }

    @Test
    void read_limitChangedMeanwhile_isTheNew() throws IOException {
        write("proc/self/cgroup", "0::/app\n");
        version2("app/", "max", 100 * MIB, 0);
        ContainerMemory memory = memory();
        assertThat(memory.read()).isNull();

        version2("app/", "" + 128 * MIB, 100 * MIB, 0);

        assertThat(memory.read()).isEqualTo(new Usage(100 * MIB, 128 * MIB));
    }

    /** A system may give a group its files only when somebody wants to limit it. */
    @Test
    void read_filesThatComeLater_areFound() throws IOException {
        write("proc/self/cgroup", "0::/app.slice\n");
        ContainerMemory memory = memory();
        assertThat(memory.isControlled()).isTrue();
        assertThat(memory.read()).isNull();

        version2("app.slice/", "" + 128 * MIB, 100 * MIB, 0);

        assertThat(memory.read()).isEqualTo(new Usage(100 * MIB, 128 * MIB));
    }

    @Test
    void isControlled_noControlGroups_isFalse() {
        assertThat(memory().isControlled()).isFalse();
    }

    @Test
    void read_version1_isThatOfTheMemoryController() throws IOException {
        write("proc/self/cgroup", "5:cpu:/other\n4:memory:/docker/abc\n0::/\n");
        write("cgroup/memory/docker/abc/memory.limit_in_bytes", 512 * MIB + "\n");
        write("cgroup/memory/docker/abc/memory.usage_in_bytes", 300 * MIB + "\n");
        write(
                "cgroup/memory/docker/abc/memory.stat",
                "inactive_file 7\nactive_file 8\ntotal_inactive_file " + 20 * MIB + "\ntotal_active_file " + 10 * MIB
                        + "\n");
        write("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        write("cgroup/memory/memory.usage_in_bytes", 900 * MIB + "\n");

        assertThat(memory().read()).isEqualTo(new Usage(270 * MIB, 512 * MIB));
    }

    /** The path is that outside of the container, and its files are at the root inside. */
    @Test
    void read_version1InAContainer_isThatOfTheRoot() throws IOException {
        write("proc/self/cgroup", "4:memory,cpuset:/docker/abc\n");
        write("cgroup/memory/memory.limit_in_bytes", 64 * MIB + "\n");
        write("cgroup/memory/memory.usage_in_bytes", 10 * MIB + "\n");

        assertThat(memory().read()).isEqualTo(new Usage(10 * MIB, 64 * MIB));
    }

    @Test
    void read_nothingOrNonsense_isNothing() throws IOException {
        assertThat(memory().read()).isNull();
        assertThat(memory().physical()).isEqualTo(-1);

        write("proc/self/cgroup", "nonsense\n0::/app\n");
        version2("app/", "many", 1, 1);

        assertThat(memory().read()).isNull();
    }

    @Test
    void physical_meminfo_isRead() throws IOException {
        write("proc/meminfo", "MemTotal:       16000000 kB\nMemFree: 1 kB\n");

        assertThat(memory().physical()).isEqualTo(16_000_000L * 1024);
    }
}
