package io.processpool;

import java.io.ObjectInputFilter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;

/**
 * A pool of worker processes: {@code multiprocessing.Pool} for the JVM.
 *
 * <p>Tasks run in child JVMs. A worker can crash, leak, hang or run out of memory: the task that it runs fails with a
 * clear reason, the worker is replaced, everything else goes on.
 *
 * <pre>{@code
 * try (ProcessPool pool = ProcessPool.create(2)) {
 *     int nine = pool.apply(x -> x * x, 3);
 *     List<Integer> squares = pool.map(x -> x * x, List.of(1, 2, 3));
 * }
 * }</pre>
 *
 * <p>All methods are safe for use by any number of threads, from callbacks, listeners and virtual threads too. Blocking
 * methods say so. A blocking call whose thread is interrupted cancels its task, restores the interrupt flag and throws
 * a {@link ProcessPoolException}; an iterator does the same but cancels nothing and stays usable. A null function or
 * argument list is refused with a {@link NullPointerException}; arguments and results may be null. What a method throws
 * when a task fails: {@link TaskFailedException}, {@link WorkerLostException}, {@link TaskTimeoutException},
 * {@link TaskSerializationException}, {@link WorkerStartException}; when the pool does not take the task:
 * {@link PoolClosedException}, {@link PoolSaturatedException}.
 *
 * <p>In the signatures, {@code T} is the type of an argument or item, {@code A} and {@code B} are those of the two
 * arguments of a {@link TaskBiFunction}, and {@code R} is the type of a result.
 *
 * <p>A pool that is dropped without {@link #close()} finishes what it has, is cleaned up, and logs one warning with the
 * place where it was made.
 */
public interface ProcessPool extends AutoCloseable {

    /**
     * Makes a pool with default settings. Returns without waiting for the workers: the first task waits for the first
     * worker that is ready.
     *
     * @param workers how many worker processes, 1 or more
     * @return the pool
     * @throws IllegalArgumentException if {@code workers} is less than 1
     */
    static ProcessPool create(int workers) {
        return builder().workers(workers).build();
    }

    /**
     * Starts to build a pool.
     *
     * @return a builder with default settings
     */
    static Builder builder() {
        return new io.processpool.internal.engine.DefaultBuilder();
    }

    /**
     * Runs a task in a worker and waits for its result (Python: {@code Pool.apply}).
     *
     * @param task the task
     * @return the result
     */
    <R> R apply(TaskCallable<R> task);

    /**
     * Applies a function to an argument in a worker and waits for the result (Python: {@code Pool.apply}).
     *
     * @param fn the function
     * @param argument the argument
     * @return the result
     */
    <T, R> R apply(TaskFunction<? super T, ? extends R> fn, T argument);

    /**
     * Submits a task (Python: {@code Pool.apply_async}). Does not wait, unless the queue is full and the pool was built
     * with {@link Saturation#BLOCK}. The task is encoded in the calling thread, so later changes to what it captured do
     * not matter; what cannot be encoded fails the future.
     *
     * @param task the task
     * @return its handle
     */
    default <R> TaskFuture<R> applyAsync(TaskCallable<R> task) {
        return applyAsync(task, TaskOptions.defaults());
    }

    /**
     * Submits a task with options.
     *
     * @param task the task
     * @param options its options
     * @return its handle
     */
    <R> TaskFuture<R> applyAsync(TaskCallable<R> task, TaskOptions options);

    /**
     * Submits a function with its argument (Python: {@code Pool.apply_async}). See {@link #applyAsync(TaskCallable)}.
     *
     * @param fn the function
     * @param argument the argument
     * @return the handle of the task
     */
    default <T, R> TaskFuture<R> applyAsync(TaskFunction<? super T, ? extends R> fn, T argument) {
        return applyAsync(fn, argument, TaskOptions.defaults());
    }

    /**
     * Submits a function with its argument and options.
     *
     * @param fn the function
     * @param argument the argument
     * @param options the options of the task
     * @return the handle of the task
     */
    <T, R> TaskFuture<R> applyAsync(TaskFunction<? super T, ? extends R> fn, T argument, TaskOptions options);

    /**
     * Applies a function to all items and waits for the results, in the order of the items (Python: {@code Pool.map}).
     * The items are pulled in the calling thread as the workers can take them. If the source throws, the items before
     * it run to their end and its exception is thrown as it is.
     *
     * @param fn the function
     * @param items the items
     * @return the results, in a list that belongs to the caller and may be changed. One of many numbers may make their objects
     *     when they are read: what it gives twice is equal, but not always the same
     */
    default <T, R> List<R> map(TaskFunction<? super T, ? extends R> fn, Iterable<? extends T> items) {
        return map(fn, items, MapOptions.defaults());
    }

    /**
     * {@link #map(TaskFunction, Iterable)} with options; the rest is the same.
     *
     * @param options the options of the map
     * @return the results
     */
    <T, R> List<R> map(TaskFunction<? super T, ? extends R> fn, Iterable<? extends T> items, MapOptions options);

    /**
     * Applies a function to all items without waiting (Python: {@code Pool.map_async}). The items are listed in the
     * calling thread, and encoded on a thread of the pool as the workers can take them: do not change them meanwhile.
     * If the source throws, the items before it run, and then the future fails with the exception of the source.
     *
     * @param fn the function
     * @param items the items
     * @return the handle of the whole map
     */
    default <T, R> TaskFuture<List<R>> mapAsync(TaskFunction<? super T, ? extends R> fn, Iterable<? extends T> items) {
        return mapAsync(fn, items, MapOptions.defaults());
    }

    /**
     * {@link #mapAsync(TaskFunction, Iterable)} with options; the rest is the same.
     *
     * @param options the options of the map
     * @return the handle of the whole map
     */
    <T, R> TaskFuture<List<R>> mapAsync(
            TaskFunction<? super T, ? extends R> fn, Iterable<? extends T> items, MapOptions options);

    /**
     * {@link #map(TaskFunction, Iterable)} for a function of two arguments (Python: {@code Pool.starmap}).
     *
     * @param fn the function
     * @param pairs its arguments, for example from {@link Map#entry}
     * @return the results
     */
    default <A, B, R> List<R> starmap(
            TaskBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs) {
        return starmap(fn, pairs, MapOptions.defaults());
    }

    /**
     * {@link #starmap(TaskBiFunction, Iterable)} with options; the rest is the same.
     *
     * @param options the options of the map
     * @return the results
     */
    <A, B, R> List<R> starmap(
            TaskBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs,
            MapOptions options);

    /**
     * {@link #mapAsync(TaskFunction, Iterable)} for a function of two arguments (Python: {@code Pool.starmap_async}).
     *
     * @param fn the function
     * @param pairs its arguments
     * @return the handle of the whole map
     */
    default <A, B, R> TaskFuture<List<R>> starmapAsync(
            TaskBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs) {
        return starmapAsync(fn, pairs, MapOptions.defaults());
    }

    /**
     * {@link #starmapAsync(TaskBiFunction, Iterable)} with options; the rest is the same.
     *
     * @param options the options of the map
     * @return the handle of the whole map
     */
    <A, B, R> TaskFuture<List<R>> starmapAsync(
            TaskBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs,
            MapOptions options);

    /**
     * Applies a function lazily; results come in the order of the items (Python: {@code Pool.imap}). The items are
     * pulled on a thread of the pool, not further ahead of the consumer than {@link MapOptions#maxInFlight()}.
     *
     * @param fn the function
     * @param items the items, possibly without end
     * @return the results; close the iterator if it is not read to the end
     */
    default <T, R> ResultIterator<R> imap(TaskFunction<? super T, ? extends R> fn, Iterable<? extends T> items) {
        return imap(fn, items, MapOptions.defaults());
    }

    /**
     * {@link #imap(TaskFunction, Iterable)} with options; the rest is the same.
     *
     * @param options the options of the map
     * @return the results; close the iterator if it is not read to the end
     */
    <T, R> ResultIterator<R> imap(
            TaskFunction<? super T, ? extends R> fn, Iterable<? extends T> items, MapOptions options);

    /**
     * {@link #imap(TaskFunction, Iterable)} with results in the order of completion (Python:
     * {@code Pool.imap_unordered}).
     *
     * @param fn the function
     * @param items the items, possibly without end
     * @return the results; close the iterator if it is not read to the end
     */
    default <T, R> ResultIterator<R> imapUnordered(
            TaskFunction<? super T, ? extends R> fn, Iterable<? extends T> items) {
        return imapUnordered(fn, items, MapOptions.defaults());
    }

    /**
     * {@link #imapUnordered(TaskFunction, Iterable)} with options; the rest is the same.
     *
     * @param options the options of the map
     * @return the results; close the iterator if it is not read to the end
     */
    <T, R> ResultIterator<R> imapUnordered(
            TaskFunction<? super T, ? extends R> fn, Iterable<? extends T> items, MapOptions options);

    /**
     * {@link #imap(TaskFunction, Iterable)} for a function of two arguments.
     *
     * @param fn the function
     * @param pairs its arguments, possibly without end
     * @return the results; close the iterator if it is not read to the end
     */
    default <A, B, R> ResultIterator<R> istarmap(
            TaskBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs) {
        return istarmap(fn, pairs, MapOptions.defaults());
    }

    /**
     * {@link #istarmap(TaskBiFunction, Iterable)} with options; the rest is the same.
     *
     * @param options the options of the map
     * @return the results; close the iterator if it is not read to the end
     */
    <A, B, R> ResultIterator<R> istarmap(
            TaskBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs,
            MapOptions options);

    /**
     * {@link #imapUnordered(TaskFunction, Iterable)} for a function of two arguments.
     *
     * @param fn the function
     * @param pairs its arguments, possibly without end
     * @return the results; close the iterator if it is not read to the end
     */
    default <A, B, R> ResultIterator<R> istarmapUnordered(
            TaskBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs) {
        return istarmapUnordered(fn, pairs, MapOptions.defaults());
    }

    /**
     * {@link #istarmapUnordered(TaskBiFunction, Iterable)} with options; the rest is the same.
     *
     * @param options the options of the map
     * @return the results; close the iterator if it is not read to the end
     */
    <A, B, R> ResultIterator<R> istarmapUnordered(
            TaskBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs,
            MapOptions options);

    /**
     * Takes no more tasks; the outstanding ones finish, then the workers exit (Python: {@code Pool.close()}). A lazy
     * map stops pulling its source; its iterator delivers what was pulled and then throws {@link PoolClosedException}.
     * Does not wait. Idempotent.
     */
    void shutdown();

    /**
     * Waits until the pool is {@link PoolState#TERMINATED} (Python: {@code Pool.join()}).
     *
     * @throws IllegalStateException unless {@link #shutdown()} or {@link #terminate()} came first
     * @throws InterruptedException if the waiting thread was interrupted
     */
    void join() throws InterruptedException;

    /**
     * Waits until the pool is {@link PoolState#TERMINATED}, at most for the given time.
     *
     * @param timeout how long to wait; zero or less does not wait
     * @return whether the pool has ended
     * @throws IllegalStateException unless {@link #shutdown()} or {@link #terminate()} came first
     * @throws InterruptedException if the waiting thread was interrupted
     */
    boolean join(Duration timeout) throws InterruptedException;

    /**
     * Shuts down, waits at most {@code shutdownTimeout} for the outstanding tasks, then terminates, like
     * {@code ExecutorService.close()}. If the waiting thread is interrupted, the pool is terminated at once and the
     * flag restored. It may be called from a callback or listener of this pool. Idempotent.
     */
    @Override
    void close();

    /**
     * Kills the workers at once, with their child processes; unfinished tasks fail with {@link PoolClosedException}
     * (Python: {@code Pool.terminate()}). Does not wait for the processes to be reaped; {@link #join()} does.
     * Idempotent.
     */
    void terminate();

    /**
     * Returns a consistent look at the pool and its workers.
     *
     * @return the snapshot
     */
    PoolSnapshot snapshot();

    /**
     * Returns the workers whose process is alive (Python: {@code multiprocessing.active_children()}). As there, workers that
     * have ended are noticed, if they were not before: they get no more tasks, and are replaced.
     *
     * @return the live workers
     */
    List<WorkerSnapshot> activeChildren();

    /**
     * Changes the number of workers. Growing starts workers; shrinking lets the surplus finish what it runs.
     *
     * @param workers 1 or more
     * @throws IllegalArgumentException if less than 1
     */
    void resize(int workers);

    /**
     * Replaces one worker gracefully: its successor is started first, then it finishes what it runs and exits. A
     * standby worker, which runs nothing, is retired first; one that is starting is left alone.
     *
     * @param workerId the id of the worker
     * @throws IllegalArgumentException if there is no such worker
     */
    void recycle(int workerId);

    /** Replaces all workers gracefully, one after the other. Returns at once. */
    void recycleAll();

    /**
     * Kills one worker at once, with the processes that it has started. The task that it runs fails with
     * {@link WorkerLostException}; tasks that were sent ahead run elsewhere, and the worker is replaced.
     *
     * @param workerId the id of the worker
     * @throws IllegalArgumentException if there is no such worker
     */
    void kill(int workerId);

    /**
     * Returns the stacks of all threads of a worker, while it runs. Waits for the worker's answer for some seconds.
     *
     * @param workerId the id of the worker
     * @return the dump: name, state and stack of each thread
     * @throws IllegalArgumentException if there is no such worker
     * @throws ProcessPoolException if the worker does not answer
     */
    String threadDump(int workerId);

    /**
     * Returns a view of this pool as an {@link ExecutorService}. Its tasks must be {@link java.io.Serializable}; those
     * that are not fail with {@link TaskSerializationException}. Shutting the view down shuts the pool down.
     *
     * @return the view
     */
    ExecutorService asExecutorService();

    /**
     * Collects the settings of a pool. Not safe for use by several threads. A method given an invalid value throws an
     * {@link IllegalArgumentException} that names the setting, the value and what is allowed.
     * Each method but {@link #build} returns this builder.
     *
     * <p>In {@code commandPrefix}, {@code environment} and {@code jvmArguments}, the text <code>{worker}</code> stands
     * for the slot number of the worker. While a worker is being replaced, its successor has the same number already.
     * In {@code commandPrefix}, <code>{directory}</code> stands for the directory with what the worker needs of the pool: its
     * arguments, and the socket to connect to.
     */
    interface Builder {

        /**
         * Sets the name, which stands in thread names, logs and exceptions; default {@code pool-1} and so on.
         *
         * @param name letters, digits, {@code . _ -}
         */
        Builder name(String name);

        /**
         * Sets how many workers run tasks; default the number of processors.
         *
         * @param workers 1 or more
         */
        Builder workers(int workers);

        /**
         * Sets how many further workers are kept started and ready, to take the place of one that is lost or retired;
         * default 0.
         *
         * @param standbyWorkers 0 or more
         */
        Builder standbyWorkers(int standbyWorkers);

        /**
         * Replaces a worker after so many tasks (Python: {@code maxtasksperchild}); default never.
         *
         * @param maxTasksPerWorker 1 or more
         */
        Builder maxTasksPerWorker(int maxTasksPerWorker);

        /**
         * Replaces a worker of this age; default never.
         *
         * @param maxWorkerAge positive
         */
        Builder maxWorkerAge(Duration maxWorkerAge);

        /**
         * Replaces a worker whose resident memory passes this, once its running task has ended; default never. It is
         * looked at about once a second.
         *
         * @param maxWorkerMemory bytes, 1 or more
         */
        Builder maxWorkerMemory(long maxWorkerMemory);

        /**
         * Keeps so much of the container's memory free: when less is left, the worker that has most, and more than its
         * share, is killed, and its task fails with a {@link WorkerOutOfMemoryException}. Otherwise the kernel would kill
         * some process, or all of the container. Default a twentieth of the limit, or 64 MiB if that is more, but no more
         * than an eighth; 0 leaves it to the kernel. Has no effect where there is no limit, and on Linux only.
         *
         * @param memoryReserve bytes, 0 or more
         */
        Builder memoryReserve(long memoryReserve);

        /**
         * Lets a worker exit that had nothing to do for so long; the next task starts one again. Default never.
         *
         * @param idleTimeout positive
         */
        Builder idleTimeout(Duration idleTimeout);

        /**
         * Sets how long a task may run unless its options say otherwise; default without limit.
         *
         * @param taskTimeout positive
         */
        Builder taskTimeout(Duration taskTimeout);

        /**
         * Sets how long an interrupted task may go on before its worker is killed; default 2 s.
         *
         * @param cancelGrace zero or positive
         */
        Builder cancelGrace(Duration cancelGrace);

        /**
         * Sets how many single tasks may wait; default 10,000. Items of maps do not count: they are pulled only as far
         * ahead as the window of their map allows, so a map neither fills the queue nor blocks others.
         *
         * @param queueCapacity 1 or more
         */
        Builder queueCapacity(int queueCapacity);

        /** Sets what submitting does while the queue is full; default {@link Saturation#BLOCK}. */
        Builder saturation(Saturation saturation);

        /**
         * Sets what a worker runs before its first task (Python: {@code initializer}). If it throws, the worker has
         * failed to start.
         */
        Builder initializer(TaskRunnable initializer);

        /** Sets what a worker runs after its last task, on a planned exit. */
        Builder finalizer(TaskRunnable finalizer);

        /**
         * Sets the heap limit of a worker; default a fair share of half of the machine's memory.
         *
         * @param maxHeap bytes, 16 MiB or more
         */
        Builder maxHeap(long maxHeap);

        /**
         * Sets further JVM arguments of the workers. They come after the pool's own defaults, so they win over those.
         *
         * @param jvmArguments options of the JVM, without any that set the class path or what the JVM runs
         */
        Builder jvmArguments(List<String> jvmArguments);

        /**
         * Sets environment variables of the workers, in addition to those inherited. These win, whatever their names are;
         * but for two that are the pool's own, {@code PROCESSPOOL_WORKER} and {@code PROCESSPOOL_DEPTH}. Not inherited is
         * what looks like a secret by its name, see {@link #inheritEnvironment}.
         */
        Builder environment(Map<String, String> environment);

        /**
         * Sets which variables of this process's environment workers inherit though their names look like those of secrets,
         * such as {@code DB_PASSWORD}, or though the pool is {@link #untrusted}; default none. Options of the JVM and of
         * Spring Boot's launcher are never inherited.
         *
         * @param inheritEnvironment names, none of them blank; a {@code *} at the end stands for any end
         */
        Builder inheritEnvironment(Collection<String> inheritEnvironment);

        /**
         * Sets the working directory of the workers; default that of this process.
         *
         * @param workingDirectory an existing directory
         */
        Builder workingDirectory(Path workingDirectory);

        /**
         * Sets a command to launch the workers with, such as {@code nice -n 10} or {@code taskset -c {worker}}. It best
         * ends by executing what is appended to it. If it stays in between, as a sandbox does, it must pass on stdin, stdout,
         * stderr and the exit code; the process id of the worker is then that of the command.
         */
        Builder commandPrefix(List<String> commandPrefix);

        /**
         * Sets the class path of the workers; default that of this process, found in a way that suits how it runs. It
         * must contain this library.
         *
         * @param classPath files and directories, {@code directory/*} for all jars in it; empty for the default
         */
        Builder classPath(List<String> classPath);

        /**
         * Sets how workers get the classes of an executable archive of Spring Boot ({@code java -jar app.jar}, jar or
         * WAR, packed or exploded); default {@link ClassPathMode#AUTO}. Has no effect on any other class path.
         *
         * @param classPathMode how
         */
        Builder classPathMode(ClassPathMode classPathMode);

        /** Sets how arguments and results travel; default JDK serialization. */
        Builder codec(Codec codec);

        /**
         * Sets which classes may be decoded from what a worker sends; default all. A result that is refused fails its
         * task with {@link TaskSerializationException}. In an {@link #untrusted} pool it is asked in addition.
         */
        Builder resultFilter(ObjectInputFilter resultFilter);

        /**
         * Sets whether workers read what is hostile and must be presumed to be taken over by it; default false: they are as
         * trusted as this process. If true, only values and collections of the JDK, and the {@link #resultTypes}, are
         * decoded of what they send, exceptions arrive as text, no memory is shared, and workers inherit only harmless
         * variables of the environment. What is refused fails its task with {@link TaskSerializationException}, and the
         * worker is replaced. Not with {@link io.processpool.fory.ForyCodec}. A worker still runs as the same user: see
         * {@link #commandPrefix}.
         *
         * @param untrusted whether they are not trusted
         */
        Builder untrusted(boolean untrusted);

        /**
         * Sets which classes may come from an {@link #untrusted} worker besides values and collections of the JDK: records,
         * enums and other serializable classes, also those of their components and fields, and of elements of arrays. Has no
         * effect on other pools.
         *
         * @param resultTypes serializable classes
         */
        Builder resultTypes(Class<?>... resultTypes);

        /**
         * Sets how long a worker may take from launch until it is ready, initializer included; default 30 s.
         *
         * @param startTimeout positive
         */
        Builder startTimeout(Duration startTimeout);

        /**
         * Sets how long {@link ProcessPool#close()} waits for outstanding tasks; default 30 s.
         *
         * @param shutdownTimeout zero or positive
         */
        Builder shutdownTimeout(Duration shutdownTimeout);

        /**
         * Logs a task that runs longer than this, once, with the stack at which it is; default never.
         *
         * @param slowTaskThreshold positive
         */
        Builder slowTaskThreshold(Duration slowTaskThreshold);

        /** Sets where tasks run; default {@link Mode#PROCESS}. */
        Builder mode(Mode mode);

        /**
         * Opens the debugger port (JDWP, loopback only, without suspending) in each worker: this one in worker 0, the
         * next in worker 1, and so on. Default none; a debugger of this process is never inherited.
         *
         * @param debugPort 1 to 65535
         */
        Builder debugPort(int debugPort);

        /**
         * Sets whether workers may start with an archive of loaded classes (class-data sharing), which takes about a
         * quarter off the processor time that a worker needs to start; default true. A pool that has lived for a while
         * makes the archive in the background, once for all pools of this user whose workers have the same JDK, options
         * and class path. That must consist of jars; otherwise this has no effect.
         *
         * @param classDataSharing whether they may
         * @return this
         */
        Builder classDataSharing(boolean classDataSharing);

        /**
         * Sets whether messages between the pool and a worker may go through memory that both have mapped, 1 MiB for each
         * worker; default true. It is quicker than their socket, which they then use only to wake each other. Where such
         * memory cannot be had (on Linux it is in {@code /dev/shm}), and in an {@link #untrusted} pool, all goes through
         * the socket.
         *
         * @param sharedMemory whether they may
         * @return this
         */
        Builder sharedMemory(boolean sharedMemory);

        /**
         * Sets how long a worker may leave the pool's regular question unanswered before it counts as a
         * {@link WorkerState#ZOMBIE} and is killed; default 20 s.
         *
         * @param heartbeatTimeout 1 s or more
         */
        Builder heartbeatTimeout(Duration heartbeatTimeout);

        /**
         * Sets whether the pool is terminated when the JVM exits; default true. For containers that close the pool
         * themselves. Workers end with this process in any case.
         */
        Builder registerShutdownHook(boolean registerShutdownHook);

        /** Adds an observer. */
        Builder listener(PoolListener listener);

        /**
         * Adds a meter, which gets the times of all tasks at little cost.
         *
         * @param meter the meter
         */
        Builder taskMeter(TaskMeter meter);

        /**
         * Adds an observer of submissions, which can give them headers. May be called several times: all are asked, and if
         * several give the same header, the last wins.
         *
         * @param observer the observer
         */
        Builder submissionObserver(SubmissionObserver observer);

        /**
         * Sets which entries of the caller's SLF4J MDC travel with a submission and stand in the worker's MDC while a task
         * runs; default none. They are put there for the thread that runs tasks, and are removed after the task. Together
         * with the headers of the submission they may have 64 KiB.
         *
         * @param mdcKeys keys, none of them blank; {@code *} for all
         */
        Builder mdcKeys(Collection<String> mdcKeys);

        /**
         * Makes the pool and begins to launch its workers, without waiting for them.
         *
         * @return the pool
         * @throws IllegalArgumentException if the settings contradict each other
         * @throws ProcessPoolException if pools are nested too deeply
         */
        ProcessPool build();
    }
}
