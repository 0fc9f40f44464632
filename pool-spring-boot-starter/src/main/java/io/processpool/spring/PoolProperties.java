package io.processpool.spring;

import io.processpool.ClassPathMode;
import io.processpool.Mode;
import io.processpool.Saturation;
import io.processpool.TaskRunnable;
import java.io.File;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * The settings of one pool, as properties: those of {@link io.processpool.ProcessPool.Builder}. What is null was not said.
 *
 * @param start When the workers are launched. The default pool of an application that has named pools starts lazily, unless this is set.
 * @param name Name of the pool in thread names, logs, meters and endpoint.
 * @param workers How many workers run tasks; by default the number of processors.
 * @param standbyWorkers How many further workers are kept ready, to take the place of one that is lost or retired.
 * @param maxTasksPerWorker Replace a worker after so many tasks; by default never.
 * @param maxWorkerAge Replace a worker of this age; by default never.
 * @param maxWorkerMemory Replace a worker whose resident memory passes this, once its running task has ended; by default never.
 * @param memoryReserve Keep so much of the container's memory free, by killing the worker that has most, and more than its share; by default a twentieth of the limit, or 64 MiB if that is more, but an eighth at most; never with 0.
 * @param idleTimeout Let a worker exit that had nothing to do for so long; by default never.
 * @param taskTimeout How long a task may run, unless its options say otherwise; by default without limit.
 * @param cancelGrace How long an interrupted task may go on before its worker is killed.
 * @param queueCapacity How many single tasks may wait.
 * @param saturation What submitting does while the queue is full.
 * @param initializer Class with a public no-argument constructor, run by each worker before its first task.
 * @param finalizer Class with a public no-argument constructor, run by each worker after its last task.
 * @param maxHeap Heap limit of a worker; by default a fair share of half of the memory.
 * @param jvmArguments Further JVM arguments of the workers.
 * @param environment Environment variables of the workers, in addition to those inherited.
 * @param inheritEnvironment Names of environment variables that workers inherit though they look like secrets, or though they are not trusted; '*' at the end stands for any end.
 * @param workingDirectory Working directory of the workers; by default that of the application.
 * @param commandPrefix Command to launch the workers with, such as 'nice, -n, 10'.
 * @param classPath How workers of an application in an executable archive get their classes.
 * @param classPathEntries Class path of the workers; by default that of the application.
 * @param classDataSharing Whether workers may start with an archive of loaded classes, which the pool makes in the background.
 * @param sharedMemory Whether messages between the application and its workers may go through memory that both have mapped, 1 MiB for each worker; never with workers that are not trusted.
 * @param codec How arguments and results travel: 'jdk' serialization, 'fory' for Apache Fory, or a class with a public no-argument constructor.
 * @param fory Which classes travel with Apache Fory.
 * @param resultFilter Pattern of the classes that may be decoded from what a worker sends, as of jdk.serialFilter; by default all.
 * @param untrusted Whether workers read what is hostile and are presumed to be taken over by it, so that little is believed of what they send.
 * @param resultTypes Classes that may come from untrusted workers besides values and collections of the JDK, each by its name.
 * @param startTimeout How long a worker may take until it is ready, initializer included.
 * @param shutdownTimeout How long outstanding tasks may take when the context closes; then they are killed. Keep it below spring.lifecycle.timeout-per-shutdown-phase.
 * @param slowTaskThreshold Log a task that runs longer than this, once, with its stack; by default never.
 * @param mode Where tasks run. INLINE is for tests and debugging.
 * @param debugPort Debugger port of the first worker, the others count up from it; by default none.
 * @param heartbeatTimeout How long a worker may stay silent before it counts as a zombie and is killed.
 * @param registerShutdownHook Whether the pool also ends with a JVM shutdown hook of its own. Spring closes it anyway.
 * @param mdcKeys Keys of the caller's MDC that travel with a task into the worker's MDC; '*' for all.
 */
@ConfigurationProperties("processpool")
public record PoolProperties(
        @Nullable StartMode start,
        @Nullable String name,
        @Nullable Integer workers,
        @Nullable Integer standbyWorkers,
        @Nullable Integer maxTasksPerWorker,
        @Nullable Duration maxWorkerAge,
        @Nullable DataSize maxWorkerMemory,
        @Nullable DataSize memoryReserve,
        @Nullable Duration idleTimeout,
        @Nullable Duration taskTimeout,
        @Nullable Duration cancelGrace,
        @Nullable Integer queueCapacity,
        @Nullable Saturation saturation,
        @Nullable Class<? extends TaskRunnable> initializer,
        @Nullable Class<? extends TaskRunnable> finalizer,
        @Nullable DataSize maxHeap,
        @Nullable List<String> jvmArguments,
        @Nullable Map<String, String> environment,
        @Nullable List<String> inheritEnvironment,
        @Nullable File workingDirectory,
        @Nullable List<String> commandPrefix,
        @Nullable ClassPathMode classPath,
        @Nullable List<String> classPathEntries,
        @Nullable Boolean classDataSharing,
        @Nullable Boolean sharedMemory,
        @Nullable String codec,
        @Nullable Fory fory,
        @Nullable String resultFilter,
        @Nullable Boolean untrusted,
        @Nullable List<String> resultTypes,
        @Nullable Duration startTimeout,
        @Nullable Duration shutdownTimeout,
        @Nullable Duration slowTaskThreshold,
        @Nullable Mode mode,
        @Nullable Integer debugPort,
        @Nullable Duration heartbeatTimeout,
        @Nullable Boolean registerShutdownHook,
        @Nullable List<String> mdcKeys) {

    /** Copies the collections. */
    public PoolProperties {
        jvmArguments = copy(jvmArguments);
        environment = environment == null ? null : Map.copyOf(environment);
        inheritEnvironment = copy(inheritEnvironment);
        resultTypes = copy(resultTypes);
        commandPrefix = copy(commandPrefix);
        classPathEntries = copy(classPathEntries);
        mdcKeys = copy(mdcKeys);
    }

    /**
     * What the codec 'fory' is for, with the values and collections of the JDK. One of the two.
     *
     * @param register Classes that travel with Apache Fory, each by its name.
     * @param allow Classes that travel with Apache Fory, by their names or the beginning of them and a '*', such as 'com.acme.*'.
     */
    public record Fory(
            @Nullable List<String> register, @Nullable List<String> allow) {

        /** Copies the lists. */
        public Fory {
            register = copy(register);
            allow = copy(allow);
        }

        /** A pool that says one of the two does not inherit the other. */
        static @Nullable Fory inherited(@Nullable Fory own, @Nullable Fory inherited) {
            return own != null && (own.register != null || own.allow != null) ? own : inherited;
        }
    }

    /** Whether arguments and results travel with Apache Fory. */
    boolean usesFory() {
        return "fory".equalsIgnoreCase(codec);
    }

    private static @Nullable List<String> copy(@Nullable List<String> list) {
        return list == null ? null : List.copyOf(list);
    }

    /**
     * Returns the settings of a named pool that inherits these, its name excepted. Variables of the environment are merged,
     * everything else replaced.
     *
     * @param own what is said of the named pool itself
     * @return what holds for it
     */
    PoolProperties inheritedBy(PoolProperties own) {
        return new PoolProperties(
                or(own.start, start),
                own.name,
                or(own.workers, workers),
                or(own.standbyWorkers, standbyWorkers),
                or(own.maxTasksPerWorker, maxTasksPerWorker),
                or(own.maxWorkerAge, maxWorkerAge),
                or(own.maxWorkerMemory, maxWorkerMemory),
                or(own.memoryReserve, memoryReserve),
                or(own.idleTimeout, idleTimeout),
                or(own.taskTimeout, taskTimeout),
                or(own.cancelGrace, cancelGrace),
                or(own.queueCapacity, queueCapacity),
                or(own.saturation, saturation),
                or(own.initializer, initializer),
                or(own.finalizer, finalizer),
                or(own.maxHeap, maxHeap),
                or(own.jvmArguments, jvmArguments),
                merged(environment, own.environment),
                or(own.inheritEnvironment, inheritEnvironment),
                or(own.workingDirectory, workingDirectory),
                or(own.commandPrefix, commandPrefix),
                or(own.classPath, classPath),
                or(own.classPathEntries, classPathEntries),
                or(own.classDataSharing, classDataSharing),
                or(own.sharedMemory, sharedMemory),
                or(own.codec, codec),
                Fory.inherited(own.fory, fory),
                or(own.resultFilter, resultFilter),
                or(own.untrusted, untrusted),
                or(own.resultTypes, resultTypes),
                or(own.startTimeout, startTimeout),
                or(own.shutdownTimeout, shutdownTimeout),
                or(own.slowTaskThreshold, slowTaskThreshold),
                or(own.mode, mode),
                or(own.debugPort, debugPort),
                or(own.heartbeatTimeout, heartbeatTimeout),
                or(own.registerShutdownHook, registerShutdownHook),
                or(own.mdcKeys, mdcKeys));
    }

    private static <T> @Nullable T or(@Nullable T own, @Nullable T inherited) {
        return own != null ? own : inherited;
    }

    private static @Nullable Map<String, String> merged(
            @Nullable Map<String, String> inherited, @Nullable Map<String, String> own) {
        if (inherited == null || own == null) {
            return or(own, inherited);
        }
        Map<String, String> all = new LinkedHashMap<>(inherited);
        all.putAll(own);
        return all;
    }
}
