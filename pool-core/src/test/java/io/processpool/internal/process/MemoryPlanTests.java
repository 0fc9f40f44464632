package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.LaunchSettings;
import io.processpool.internal.SampleLaunch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryPlanTests {

    private static final long MIB = 1 << 20;

    @TempDir
    Path root;

    private static LaunchSettings settings(long maxHeap, String... jvmArguments) {
        return new SampleLaunch()
                .maxHeap(maxHeap)
                .jvmArguments(List.of(jvmArguments))
                .make();
    }

    private ContainerMemory container(long limit, long physical) throws IOException {
        Files.createDirectories(root.resolve("proc/self"));
        Files.createDirectories(root.resolve("cgroup"));
        Files.writeString(root.resolve("proc/self/cgroup"), "0::/\n");
        Files.writeString(root.resolve("proc/meminfo"), "MemTotal: " + physical / 1024 + " kB\n");
        Files.writeString(root.resolve("cgroup/memory.max"), limit < 0 ? "max\n" : limit + "\n");
        Files.writeString(root.resolve("cgroup/memory.current"), "1\n");
        return new ContainerMemory(root.resolve("proc"), root.resolve("cgroup"));
    }

    @Test
    void warning_moreThanTheContainerAllows_namesAllNumbers() {
        MemoryPlan plan = new MemoryPlan(4, 512 * MIB, 1024 * MIB, 2048 * MIB, true);

        assertThat(plan.warning("render"))
                .isEqualTo("The workers of pool render and this process may come to use 3,328 MiB of memory, and the"
                        + " limit of the container is 2,048 MiB: workers=4 x (heap 512 MiB + about 64 MiB) + heap of this"
                        + " process 1,024 MiB. Lower workers, maxHeap or -Xmx of this process, or raise the limit; see"
                        + " docs/memory.md");
    }

    @Test
    void warning_moreThanTheMachineHas_saysSo() {
        assertThat(new MemoryPlan(1, 512 * MIB, 1024 * MIB, 1024 * MIB, false).warning("p"))
                .contains("the machine has 1,024 MiB");
    }

    @Test
    void warning_enoughOrUnknown_isNone() {
        assertThat(new MemoryPlan(2, 448 * MIB, 1024 * MIB, 2048 * MIB, true).warning("p"))
                .isNull();
        assertThat(new MemoryPlan(2, -1, 1024 * MIB, 1, true).warning("p")).isNull();
        assertThat(new MemoryPlan(2, 1, 1024 * MIB, -1, false).warning("p")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "0, '', 512",
        "256, '', 256",
        "256, -Xmx300m, 300",
        "0, -Xmx1g, 1024",
        "0, -XX:MaxHeapSize=64M, 64",
        "0, -XX:MaxRAMPercentage=10, 204",
        "256, -XX:MaxRAMPercentage=10, 256",
    })
    void of_options_theHeapIsWhatTheJvmWillTake(long maxHeap, String argument, long expected) throws IOException {
        LaunchSettings settings =
                argument.isEmpty() ? settings(maxHeap * MIB) : settings(maxHeap * MIB, "-Dx=-Xmx9g", argument);

        MemoryPlan plan = MemoryPlan.of(settings, 2, container(2048 * MIB, 8192 * MIB));

        assertThat(plan.workerHeap() / MIB).isEqualTo(expected);
        assertThat(plan.memory()).isEqualTo(2048 * MIB);
        assertThat(plan.limited()).isTrue();
        assertThat(plan.parentHeap()).isEqualTo(Runtime.getRuntime().maxMemory());
    }

    @Test
    void of_defaults_areNeverTooMuchForMachinesOfAUsualSize() throws IOException {
        for (int workers = 1; workers <= 16; workers *= 2) {
            MemoryPlan plan = MemoryPlan.of(settings(0), workers, container(-1, 8192 * MIB));
            MemoryPlan ofAnyParent =
                    new MemoryPlan(workers, plan.workerHeap(), 2048 * MIB, plan.memory(), plan.limited());

            assertThat(plan.limited()).isFalse();
            assertThat(ofAnyParent.warning("p")).as("%d workers", workers).isNull();
        }
    }

    @Test
    void of_limitAboveTheMachine_countsTheMachine() throws IOException {
        assertThat(MemoryPlan.of(settings(0), 1, container(9000 * MIB, 8192 * MIB))
                        .limited())
                .isFalse();
    }

    @Test
    void of_optionsThatAreNotUnderstood_knowsNoHeap() throws IOException {
        assertThat(MemoryPlan.of(settings(0, "-XX:MaxRAM=1g"), 1, container(-1, 1))
                        .workerHeap())
                .isEqualTo(-1);
    }
}
