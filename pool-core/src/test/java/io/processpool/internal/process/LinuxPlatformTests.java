package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinuxPlatformTests {

    @TempDir
    Path proc;

    private LinuxPlatform platform() {
        return new LinuxPlatform(proc, new PortablePlatform(true));
    }

    private void write(String file, String text) throws IOException {
        Path path = proc.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    @Test
    void residentBytes_status_isRead() throws IOException {
        write("7/status", "Name:\tjava VmRSS: 1 kB\nVmPeak:\t  900 kB\nVmRSS:\t  123456 kB\nThreads:\t9\n");

        assertThat(platform().residentBytes(7)).isEqualTo(123456L * 1024);
    }

    @Test
    void residentBytes_goneOrZombie_isUnknown() throws IOException {
        write("8/status", "Name:\tjava\nState:\tZ (zombie)\n");

        assertThat(platform().residentBytes(8)).isEqualTo(-1);
        assertThat(platform().residentBytes(9)).isEqualTo(-1);
    }

    @Test
    void cpuTime_stat_isReadWhateverTheName() throws IOException {
        write("7/stat", "7 (a) b (c) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 12345 1 2");
        write("8/stat", "8 (java) S");

        assertThat(platform().cpuTime(7)).isEqualTo(Duration.ofSeconds(3));
        assertThat(platform().cpuTime(8)).isNull();
        assertThat(platform().cpuTime(9)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "PATH=/bin;M=abc, true",
        "M=abc;PATH=/bin, true",
        "M=abc/def, true",
        "M=abcd, false",
        "XM=abc, false",
        "PATH=M=abc, false",
        "M=ab, false",
        "'', false"
    })
    void contains_wholeEntriesOnly(String environ, boolean expected) {
        byte[] bytes = environ.replace(';', '\0').getBytes(StandardCharsets.UTF_8);
        byte[] terminated = (environ.replace(';', '\0') + "\0").getBytes(StandardCharsets.UTF_8);
        byte[] entry = "M=abc".getBytes(StandardCharsets.UTF_8);

        assertThat(LinuxPlatform.contains(bytes, entry)).isEqualTo(expected);
        assertThat(LinuxPlatform.contains(terminated, entry)).isEqualTo(expected);
    }

    @Test
    void outOfMemoryKills_version2_isThatOfTheGroup() throws IOException {
        write("self/cgroup", "0::/app/web\n");
        write("cgroup/app/web/memory.events", "low 0\noom 5\noom_kill 3\noom_group_kill 1\n");
        write("vmstat", "oom_kill 99\n");

        assertThat(new OutOfMemoryKills(proc, proc.resolve("cgroup")).read()).isEqualTo(3);
    }

    @Test
    void outOfMemoryKills_version1_isThatOfTheGroup() throws IOException {
        write("self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/app\n0::/\n");
        write("cgroup/memory/app/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n");

        assertThat(new OutOfMemoryKills(proc, proc.resolve("cgroup")).read()).isEqualTo(4);
    }

    @Test
    void outOfMemoryKills_noGroup_isThatOfTheMachine() throws IOException {
        write("vmstat", "nr_free 1\noom_kill 99\n");

        assertThat(new OutOfMemoryKills(proc, proc.resolve("cgroup")).read()).isEqualTo(99);
    }

    @Test
    void outOfMemoryKills_nothingReadable_isUnknown() throws IOException {
        write("vmstat", "oom_kill many\n");

        assertThat(new OutOfMemoryKills(proc, proc.resolve("cgroup")).read()).isEqualTo(-1);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void current_here_isLinux() {
        long self = ProcessHandle.current().pid();

        assertThat(Platform.current()).isInstanceOf(LinuxPlatform.class);
        assertThat(Platform.current().residentBytes(self)).isGreaterThan(10 << 20);
        assertThat(Platform.current().cpuTime(self)).isPositive();
    }
}
