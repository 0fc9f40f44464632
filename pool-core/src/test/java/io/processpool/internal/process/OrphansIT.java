package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Which processes are taken for workers that have outlived their pool. Other JVMs that make their first pool at this moment
 * kill those, too; so one that is to be found may also be dead.
 */
@EnabledOnOs(OS.LINUX)
class OrphansIT {

    /** No system gives pids as high as that. */
    private static final long DEAD_PID = 99_999_999L;

    private final List<Process> processes = new ArrayList<>();
    private final Orphans orphans = new Orphans(Platform.current());

    @AfterEach
    void tearDown() {
        for (Process process : processes) {
            process.destroyForcibly();
            process.onExit().join();
        }
    }

    /** Starts a process that waits, with these arguments. */
    private ProcessHandle start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "read line"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).start();
        processes.add(process);
        ProcessHandle handle = process.toHandle();
        // between fork and exec it has the arguments of this JVM
        await().until(() ->
                List.of(handle.info().arguments().orElse(new String[0])).contains("read line"));
        return handle;
    }

    private ProcessHandle worker(long ownerPid, long ownerStart) throws IOException {
        return start(
                "-Dprocesspool.worker=fake-0",
                "@/nowhere/processpool-" + ownerPid + "-" + ownerStart + "-0123abcd/worker-0-1.args");
    }

    private static long start(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElseThrow();
    }

    private boolean isTakenForAnOrphan(ProcessHandle process) {
        return orphans.find().contains(process) || !process.isAlive();
    }

    @Test
    void find_ownerIsDead_isAnOrphan() throws IOException {
        assertThat(isTakenForAnOrphan(worker(DEAD_PID, 1))).isTrue();
    }

    @Test
    void find_pidOfOwnerIsAnothersNow_isAnOrphan() throws IOException {
        ProcessHandle other = start();

        assertThat(isTakenForAnOrphan(worker(other.pid(), start(other) - 3_600_000)))
                .isTrue();
    }

    @Test
    void find_ownerLives_isNone() throws IOException {
        ProcessHandle owner = start();
        ProcessHandle worker = worker(owner.pid(), start(owner));

        assertThat(isTakenForAnOrphan(worker)).isFalse();
    }

    /** The owner's clock was set since: its start time seems to be another, but a worker's parent is its parent. */
    @Test
    void find_ownerIsAncestorWithAnotherStart_isNone() throws IOException {
        ProcessHandle self = ProcessHandle.current();
        ProcessHandle worker = worker(self.pid(), start(self) - 3_600_000);

        assertThat(isTakenForAnOrphan(worker)).isFalse();
    }

    @Test
    void find_noWorker_isNone() throws IOException {
        String file = "@/nowhere/processpool-" + DEAD_PID + "-1-0123abcd/worker-0-1.args";
        List<ProcessHandle> others = List.of(
                start(),
                start("-Dsomething=else", file),
                start("-Dprocesspool.worker=fake-0"),
                start("-Dprocesspool.worker=fake-0", file, "more"),
                start("-Dprocesspool.worker=fake-0", "@/nowhere/processpool-" + DEAD_PID + "/args"),
                start("-Dprocesspool.worker=fake-0", "@/nowhere/other-" + DEAD_PID + "-1-0123abcd/args"));

        assertThat(others).noneMatch(this::isTakenForAnOrphan);
    }

    @Test
    void kill_orphansAndNobodyElse() throws IOException {
        ProcessHandle orphan = worker(DEAD_PID, 1);
        ProcessHandle self = ProcessHandle.current();
        ProcessHandle worker = worker(self.pid(), start(self));

        orphans.kill();

        await().until(() -> !orphan.isAlive());
        assertThat(worker.isAlive()).isTrue();
    }
}
