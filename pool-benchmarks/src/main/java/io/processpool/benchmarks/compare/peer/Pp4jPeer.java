package io.processpool.benchmarks.compare.peer;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;
import net.viktorc.pp4j.impl.JavaProcessPoolExecutor;
import net.viktorc.pp4j.impl.SimpleJavaProcessOptions;

/** PP4J with two processes, and the initial heap of our workers; it offers no way to choose the garbage collector. */
final class Pp4jPeer extends ExecutorPeer {

    private final List<Long> pids;

    Pp4jPeer() throws InterruptedException {
        this(childrenOfThis());
    }

    private Pp4jPeer(Set<Long> before) throws InterruptedException {
        super(newPool());
        pids = childrenOfThis().stream().filter(pid -> !before.contains(pid)).toList();
    }

    private static ExecutorService newPool() throws InterruptedException {
        return new JavaProcessPoolExecutor(
                new SimpleJavaProcessOptions(ChildJvm.INITIAL_HEAP_MEGABYTES, ChildJvm.HEAP_MEGABYTES, 0, 0),
                WORKERS,
                WORKERS,
                0,
                null,
                false);
    }

    private static Set<Long> childrenOfThis() {
        return ProcessHandle.current().children().map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    @Override
    ExecutorService fresh() throws InterruptedException {
        return newPool();
    }

    @Override
    public List<Long> workerPids() {
        return pids;
    }

    @Override
    public void close() {
        super.close();
        pids.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    }
}
