package io.processpool.benchmarks.compare.peer;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Two threads of this JVM. */
final class ThreadPoolPeer extends ExecutorPeer {

    ThreadPoolPeer() {
        super(Executors.newFixedThreadPool(WORKERS));
    }

    @Override
    ExecutorService fresh() {
        return Executors.newFixedThreadPool(WORKERS);
    }

    @Override
    public List<Long> workerPids() {
        return List.of();
    }
}
