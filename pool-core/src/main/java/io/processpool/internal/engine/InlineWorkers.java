package io.processpool.internal.engine;

import io.processpool.internal.ThreadNames;
import io.processpool.internal.process.WorkerProcess;
import io.processpool.internal.transport.Lookout;
import io.processpool.internal.transport.MemoryChannel;
import io.processpool.internal.worker.WorkerSession;

/** Workers as threads of this process: the same session and the same messages, over a channel in memory. */
final class InlineWorkers implements WorkerFactory {

    private final String poolName;
    private final Welcomes welcomes;
    private final Lookout lookout = new Lookout(); // nothing here goes through shared memory

    InlineWorkers(String poolName, Welcomes welcomes) {
        this.poolName = poolName;
        this.welcomes = welcomes;
    }

    @Override
    public Lookout lookout() {
        return lookout;
    }

    @Override
    public WorkerProcess launch(Worker worker) {
        MemoryChannel[] ends = MemoryChannel.pair();
        InlineProcess process = new InlineProcess(worker.slot(), worker.generation());
        WorkerSession session = new WorkerSession(process);
        process.onKill(session::abandon);
        process.onExit().thenRun(ends[1]::close);
        String suffix = worker.slot() + "-" + worker.generation();
        session.connect(ends[1]);
        ends[1].start(session, ThreadNames.of(poolName, "inline-worker-" + suffix));
        ends[0].start(worker, ThreadNames.of(poolName, "inline-io-" + suffix));
        welcomes.attach(worker, ends[0]);
        return process;
    }

    @Override
    public void close() {
        // nothing outlives its worker
    }
}
