package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs({OS.LINUX, OS.MAC})
@Timeout(60)
class ProcessTreeIT {

    /** Starts a shell that waits for a child and for a grandchild. */
    private static Process family() throws IOException {
        return new ProcessBuilder("sh", "-c", "sh -c 'sleep 50; :' & sleep 50; :").start();
    }

    private static Set<Long> pids(List<ProcessHandle> processes) {
        return processes.stream().map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    @Test
    void descendants_ofTwoProcesses_areThoseOfEach() throws Exception {
        Process one = family();
        Process other = family();
        try {
            for (Process root : List.of(one, other)) {
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> root.descendants().count() == 3);
            }

            ProcessTree tree = ProcessTree.belowThisProcess();

            for (Process root : List.of(one, other)) {
                assertThat(pids(tree.descendants(root.toHandle())))
                        .isEqualTo(pids(root.descendants().toList()))
                        .hasSize(3);
            }
            assertThat(tree.descendants(ProcessHandle.current()))
                    .contains(one.toHandle(), other.toHandle())
                    .hasSizeGreaterThanOrEqualTo(8);
        } finally {
            for (Process root : List.of(one, other)) {
                PortablePlatform.INSTANCE.killTree(root.toHandle());
                root.waitFor();
            }
        }
    }

    @Test
    void descendants_ofAProcessThatHasStartedNone_areNone() throws Exception {
        Process alone = new ProcessBuilder("sleep", "50").start();
        try {
            assertThat(ProcessTree.belowThisProcess().descendants(alone.toHandle()))
                    .isEmpty();
        } finally {
            alone.destroyForcibly();
            alone.waitFor();
        }
    }
}
