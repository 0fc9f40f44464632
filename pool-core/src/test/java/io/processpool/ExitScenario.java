package io.processpool;

import io.processpool.testing.Signs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/**
 * The main class of a JVM that uses a pool and then ends, in a way that its first argument names. The second is a
 * directory for signs, the third the name of the pool.
 */
final class ExitScenario {

    /** Keeps the pool reachable until the JVM ends. */
    @SuppressWarnings("unused")
    private static ProcessPool kept;

    private final Signs signs;
    private final String name;

    private ExitScenario(Signs signs, String name) {
        this.signs = signs;
        this.name = name;
    }

    public static void main(String[] args) throws Exception {
        new ExitScenario(Signs.in(Path.of(args[1])), args[2]).run(args[0]);
    }

    private ProcessPool.Builder builder() {
        return ProcessPool.builder().name(name).workers(2);
    }

    /** A pool whose workers are ready. */
    private ProcessPool idle(ProcessPool.Builder builder) {
        ProcessPool pool = builder.build();
        kept = pool;
        Signs travelling = signs;
        List<TaskFuture<Long>> both = IntStream.range(0, 2)
                .mapToObj(i -> pool.applyAsync(() -> Deeds.gated(travelling, "up-" + i, "all-up")))
                .toList();
        signs.expect("up-", 2);
        signs.give("all-up");
        both.forEach(Lifecycle::result);
        return pool;
    }

    /** A pool whose workers run tasks that do not end. */
    private ProcessPool busy(ProcessPool.Builder builder) {
        ProcessPool pool = idle(builder);
        Signs travelling = signs;
        pool.applyAsync(() -> Deeds.ignoreInterrupts(travelling, "busy-1"));
        pool.applyAsync(() -> Deeds.hang(travelling, "busy-2"));
        pool.applyAsync(Deeds::pid);
        signs.expect("busy-1");
        signs.expect("busy-2");
        return pool;
    }

    private void run(String scenario) throws Exception {
        switch (scenario) {
            case "returnIdle" -> idle(builder());
            case "returnBusy" -> busy(builder());
            case "returnStarting" -> kept = builder().build();
            case "returnUsedOnce" -> {
                try (ProcessPool pool = builder().build()) {
                    pool.apply(Deeds::pid);
                }
            }
            case "returnAfterShutdown" -> shutdownAndReturn();
            case "returnInCycle" -> cycle();
            case "throw" -> {
                busy(builder());
                throw new IllegalStateException("thrown by main");
            }
            case "exit" -> {
                busy(builder());
                System.exit(7);
            }
            case "exitWithoutHook" -> {
                busy(builder().registerShutdownHook(false));
                System.exit(7);
            }
            case "exitInCallback" -> {
                busy(builder().workers(3)).applyAsync(Deeds::pid).thenAccept(pid -> System.exit(7));
                new CountDownLatch(1).await();
            }
            case "halt" -> {
                busy(builder());
                Runtime.getRuntime().halt(9);
            }
            case "waitBusy" -> {
                busy(builder());
                signs.give("ready");
                new CountDownLatch(1).await();
            }
            case "waitIdle" -> {
                idle(builder());
                signs.give("ready");
                new CountDownLatch(1).await();
            }
            case "waitWithSleeper" -> {
                long pid = idle(builder()).apply(Deeds::startSleeper);
                signs.note("sleeper", pid);
                signs.give("ready");
                new CountDownLatch(1).await();
            }
            case "submitInHook" -> submitInHook();
            case "createInHook" -> createInHook();
            default -> throw new IllegalArgumentException(scenario);
        }
    }

    private void shutdownAndReturn() {
        ProcessPool pool = builder().build();
        Signs travelling = signs;
        for (int i = 0; i < 6; i++) {
            int number = i;
            pool.applyAsync(() -> {
                travelling.give("begun-" + number);
                travelling.await("go");
                travelling.give("finished-" + number);
                return number;
            });
        }
        signs.expect("begun", 1);
        pool.shutdown();
        signs.give("ready");
    }

    /** A pool that its own listener refers to. */
    private void cycle() throws InterruptedException, ExecutionException {
        AtomicReference<ProcessPool> holder = new AtomicReference<>();
        PoolListener listener = new PoolListener() {
            @Override
            public void taskDone(TaskSnapshot task, TaskOutcome outcome, Duration ran) {
                holder.get();
            }
        };
        ProcessPool pool = builder().listener(listener).build();
        holder.set(pool);
        pool.applyAsync(Deeds::pid).get();
    }

    private void submitInHook() {
        ProcessPool pool = idle(builder());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (pool.snapshot().state() == PoolState.RUNNING && System.nanoTime() - deadline < 0) {
                Thread.onSpinWait();
            }
            try {
                pool.apply(Deeds::pid);
                signs.note("hook", "no exception");
            } catch (ProcessPoolException e) {
                signs.note("hook", e.getClass().getSimpleName());
            }
        }));
        System.exit(0);
    }

    private void createInHook() {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                builder().build();
                signs.note("hook", "no exception");
            } catch (IllegalStateException e) {
                signs.note("hook", e.getMessage());
            }
        }));
        System.exit(0);
    }
}
