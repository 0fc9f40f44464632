package io.processpool.benchmarks.compare;

import io.processpool.ProcessPool;
import io.processpool.TaskFuture;
import io.processpool.WorkerLostException;
import io.processpool.WorkerSnapshot;
import io.processpool.WorkerState;
import io.processpool.benchmarks.compare.peer.BareKill;
import io.processpool.benchmarks.compare.peer.Contestant;
import io.processpool.benchmarks.compare.peer.Scratch;
import io.processpool.benchmarks.compare.peer.Tasks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * How long the next result takes when the only worker is killed with {@code SIGKILL} while it runs a task, another task
 * waits, and a standby worker is warm. Among the peers, Python's pool loses the task for good and its executor breaks, and the
 * others have no standby. For a bare JVM it is only the time until the end of its channel is heard, which is a part of the pool's.
 */
final class KillExperiment implements Experiment {

    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final int LOOK_MILLIS = 2;

    /** A worker that has just become ready is not warm: it still prepares, and its JVM compiles what that runs. */
    private static final int WARM_MILLIS = 200;

    private static final int WARM_UPS = 5;
    private static final double HIGH = 0.99;

    private static final Row HALF = new Row("next result after kill -9, standby warm: median", Unit.MILLISECONDS);
    private static final Row MOST = new Row(
            "next result after kill -9, standby warm: 99th percentile",
            Unit.MILLISECONDS,
            Target.atMost(5, Unit.MILLISECONDS));

    @Override
    public String id() {
        return "kill";
    }

    @Override
    public List<Result> run(Session session, Scale scale) throws Exception {
        List<Double> millis = session.within(LIMIT, () -> kills(scale.kills()));
        Map<Contestant, Figure> half = new EnumMap<>(Map.of(Contestant.POOL, Figure.of(millis)));
        Map<Contestant, Figure> most = new EnumMap<>(Map.of(Contestant.POOL, Figure.atQuantile(millis, HIGH)));
        if (session.present().contains(Contestant.RAW)) {
            List<Double> bare = session.within(LIMIT, () -> bareKills(scale.kills()));
            half.put(Contestant.RAW, Figure.of(bare));
            most.put(Contestant.RAW, Figure.atQuantile(bare, HIGH));
        }
        String note = millis.size() + " kills; raw socket: until its end is heard";
        return List.of(new Result(HALF, half, note), new Result(MOST, most, note));
    }

    private static List<Double> bareKills(int count) throws Exception {
        List<Double> millis = new ArrayList<>();
        for (int i = -WARM_UPS; i < count; i++) {
            double value = BareKill.nanos(WARM_MILLIS) / 1e6;
            if (i >= 0) {
                millis.add(value);
            }
        }
        return millis;
    }

    private static List<Double> kills(int count) throws Exception {
        List<Double> millis = new ArrayList<>();
        try (Scratch sign = Scratch.file("sign");
                ProcessPool pool =
                        ProcessPool.builder().workers(1).standbyWorkers(1).build()) {
            for (int i = -WARM_UPS; i < count; i++) {
                await(() -> has(pool, WorkerState.IDLE) && has(pool, WorkerState.STANDBY));
                Thread.sleep(WARM_MILLIS);
                double value = kill(pool, sign.path()) / 1e6;
                if (i >= 0) {
                    millis.add(value);
                }
            }
        }
        return millis;
    }

    private static boolean has(ProcessPool pool, WorkerState state) {
        return pool.snapshot().workers().stream().anyMatch(worker -> worker.state() == state);
    }

    private static long kill(ProcessPool pool, Path sign) throws Exception {
        // What the pool knows of its worker may be a moment old; the task itself tells that it runs.
        TaskFuture<Integer> running = pool.applyAsync(Tasks::signAndSleep, sign.toString());
        await(() -> Files.exists(sign));
        Files.delete(sign);
        WorkerSnapshot victim = pool.activeChildren().stream()
                .filter(worker -> worker.state() != WorkerState.STANDBY)
                .findAny()
                .orElseThrow();
        ProcessHandle process = ProcessHandle.of(victim.pid()).orElseThrow();
        TaskFuture<Integer> next = pool.applyAsync(Tasks::square, 7);
        long start = System.nanoTime();
        process.destroyForcibly();
        int result = next.get();
        long nanos = System.nanoTime() - start;
        if (result != Tasks.square(7)) {
            throw new IllegalStateException("A wrong result: " + result);
        }
        checkIsLost(running, victim);
        return nanos;
    }

    private static void checkIsLost(TaskFuture<Integer> running, WorkerSnapshot victim) throws InterruptedException {
        Object end;
        try {
            end = running.get();
        } catch (ExecutionException e) {
            end = e.getCause();
        }
        if (!(end instanceof WorkerLostException)) {
            throw new IllegalStateException("The kill did not hit the running task: worker=" + victim + ", end=" + end);
        }
    }

    /** Looks every few milliseconds; what is looked at is over before the clock starts. */
    static void await(BooleanSupplier condition) throws InterruptedException, TimeoutException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > WAIT.toNanos()) {
                throw new TimeoutException("not within " + WAIT.toSeconds() + " s");
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }
}
