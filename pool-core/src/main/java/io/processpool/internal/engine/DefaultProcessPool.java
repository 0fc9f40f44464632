package io.processpool.internal.engine;

import io.processpool.MapOptions;
import io.processpool.PoolSnapshot;
import io.processpool.ProcessPool;
import io.processpool.ProcessPoolException;
import io.processpool.ResultIterator;
import io.processpool.RetireReason;
import io.processpool.TaskBiFunction;
import io.processpool.TaskCallable;
import io.processpool.TaskFunction;
import io.processpool.TaskFuture;
import io.processpool.TaskOptions;
import io.processpool.WorkerSnapshot;
import io.processpool.internal.Checks;
import io.processpool.internal.PlainText;
import io.processpool.internal.PoolConfig;
import io.processpool.internal.wire.FunctionKind;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;

/**
 * What the user holds: checks arguments and passes them on to the {@link Submitter} and the {@link PoolEngine}. Nothing
 * inside the pool refers to it, so that a pool which is dropped can be noticed.
 */
final class DefaultProcessPool implements ProcessPool {

    /** On a thread of the JDK's, which knows nothing of a web application that may have loaded this class. */
    private static final Cleaner CLEANER = Cleaner.create();

    private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

    private final PoolEngine engine;
    private final Submitter submitter;

    private DefaultProcessPool(PoolEngine engine) {
        this.engine = engine;
        this.submitter = new Submitter(engine);
    }

    static ProcessPool start(PoolConfig config) {
        PoolEngine engine = new PoolEngine(config);
        DefaultProcessPool pool = new DefaultProcessPool(engine);
        Throwable creation = new Throwable("creation of pool " + config.name());
        CLEANER.register(pool, () -> {
            Thread ender = new Thread(() -> engine.abandoned(creation), "processpool-abandoned");
            ender.setDaemon(true);
            ender.start();
        });
        return pool;
    }

    @Override
    public <R> R apply(TaskCallable<R> task) {
        return await(submitter.submit(Checks.notNull("task", task), TaskOptions.defaults()));
    }

    @Override
    public <T, R> R apply(TaskFunction<? super T, ? extends R> fn, T argument) {
        return await(submitter.submit(Checks.notNull("fn", fn), argument, TaskOptions.defaults(), true));
    }

    @Override
    public <R> TaskFuture<R> applyAsync(TaskCallable<R> task, TaskOptions options) {
        return submitter.submit(Checks.notNull("task", task), Checks.notNull("options", options));
    }

    @Override
    public <T, R> TaskFuture<R> applyAsync(TaskFunction<? super T, ? extends R> fn, T argument, TaskOptions options) {
        return submitter.submit(Checks.notNull("fn", fn), argument, Checks.notNull("options", options), false);
    }

    @Override
    public <T, R> List<R> map(
            TaskFunction<? super T, ? extends R> fn, Iterable<? extends T> items, MapOptions options) {
        return mapNow(FunctionKind.FUNCTION, Checks.notNull("fn", fn), Checks.notNull("items", items), options);
    }

    @Override
    public <T, R> TaskFuture<List<R>> mapAsync(
            TaskFunction<? super T, ? extends R> fn, Iterable<? extends T> items, MapOptions options) {
        return submitter.mapAsync(
                FunctionKind.FUNCTION,
                Checks.notNull("fn", fn),
                Checks.notNull("items", items),
                Checks.notNull("options", options));
    }

    @Override
    public <A, B, R> List<R> starmap(
            TaskBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs,
            MapOptions options) {
        return mapNow(FunctionKind.BIFUNCTION, Checks.notNull("fn", fn), Checks.notNull("pairs", pairs), options);
    }

    @Override
    public <A, B, R> TaskFuture<List<R>> starmapAsync(
            TaskBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs,
            MapOptions options) {
        return submitter.mapAsync(
                FunctionKind.BIFUNCTION,
                Checks.notNull("fn", fn),
                Checks.notNull("pairs", pairs),
                Checks.notNull("options", options));
    }

    private <R> List<R> mapNow(FunctionKind kind, Object fn, Iterable<?> items, MapOptions options) {
        return await(submitter.map(kind, fn, items, Checks.notNull("options", options)));
    }

    @Override
    public <T, R> ResultIterator<R> imap(
            TaskFunction<? super T, ? extends R> fn, Iterable<? extends T> items, MapOptions options) {
        return iterate(FunctionKind.FUNCTION, Checks.notNull("fn", fn), Checks.notNull("items", items), options, true);
    }

    @Override
    public <T, R> ResultIterator<R> imapUnordered(
            TaskFunction<? super T, ? extends R> fn, Iterable<? extends T> items, MapOptions options) {
        return iterate(FunctionKind.FUNCTION, Checks.notNull("fn", fn), Checks.notNull("items", items), options, false);
    }

    @Override
    public <A, B, R> ResultIterator<R> istarmap(
            TaskBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs,
            MapOptions options) {
        return iterate(
                FunctionKind.BIFUNCTION, Checks.notNull("fn", fn), Checks.notNull("pairs", pairs), options, true);
    }

    @Override
    public <A, B, R> ResultIterator<R> istarmapUnordered(
            TaskBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs,
            MapOptions options) {
        return iterate(
                FunctionKind.BIFUNCTION, Checks.notNull("fn", fn), Checks.notNull("pairs", pairs), options, false);
    }

    private <R> ResultIterator<R> iterate(
            FunctionKind kind, Object fn, Iterable<?> items, MapOptions options, boolean ordered) {
        return submitter.iterate(kind, fn, items, Checks.notNull("options", options), ordered);
    }

    /** Waits for a task; if the waiting thread is interrupted, nobody wants the task any more. */
    private <R> R await(DefaultTaskFuture<R> future) {
        try {
            return future.await();
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw new ProcessPoolException(
                    "interrupted while waiting for task " + future.id() + ", which was cancelled " + engine.suffix(),
                    e);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void shutdown() {
        engine.shutdown();
    }

    @Override
    public void join() throws InterruptedException {
        engine.join(FOR_EVER);
    }

    @Override
    public boolean join(Duration timeout) throws InterruptedException {
        return engine.join(Checks.notNull("timeout", timeout));
    }

    @Override
    public void close() {
        engine.close();
    }

    @Override
    public void terminate() {
        engine.terminate();
    }

    @Override
    public PoolSnapshot snapshot() {
        return engine.snapshot();
    }

    @Override
    public List<WorkerSnapshot> activeChildren() {
        return engine.activeChildren();
    }

    @Override
    public void resize(int workers) {
        engine.fleet().resize(DefaultBuilder.checkWorkers(workers));
    }

    @Override
    public void recycle(int workerId) {
        engine.fleet().recycle(engine.find(workerId), RetireReason.REQUESTED);
    }

    @Override
    public void kill(int workerId) {
        engine.fleet().kill(engine.find(workerId));
    }

    @Override
    public void recycleAll() {
        engine.recycleAll();
    }

    @Override
    public String threadDump(int workerId) {
        String dump = engine.dumps().ask(engine.find(workerId), engine.suffix());
        return engine.config().trust().untrusted() ? PlainText.escapeLines(dump) : dump;
    }

    @Override
    public ExecutorService asExecutorService() {
        return new ExecutorView(this, engine);
    }

    @Override
    public String toString() {
        return "ProcessPool[" + engine.config().name() + ", " + engine.state() + "]";
    }
}
