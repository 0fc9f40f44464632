package io.processpool.internal.engine;

import io.processpool.ClassPathMode;
import io.processpool.Codec;
import io.processpool.Mode;
import io.processpool.PoolListener;
import io.processpool.ProcessPool;
import io.processpool.Saturation;
import io.processpool.SubmissionObserver;
import io.processpool.TaskMeter;
import io.processpool.TaskRunnable;
import io.processpool.internal.Checks;
import io.processpool.internal.LaunchSettings;
import io.processpool.internal.PoolConfig;
import io.processpool.internal.RecyclePolicy;
import io.processpool.internal.TaskDefaults;
import io.processpool.internal.Trust;
import io.processpool.internal.process.LaunchChecks;
import java.io.ObjectInputFilter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Collects settings, checks each when it is set, and copies them into a {@link PoolConfig}. */
public final class DefaultBuilder implements ProcessPool.Builder {

    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final long MIN_HEAP = 16L << 20;
    private static final int MAX_WORKERS = 4096;
    private static final int MAX_PORT = 65_535;
    private static final String FORY = "io.processpool.fory.";

    private @Nullable String name;
    private Mode mode = Mode.PROCESS;
    private int workers = Runtime.getRuntime().availableProcessors();
    private int standbyWorkers;
    private int maxTasksPerWorker;
    private @Nullable Duration maxWorkerAge;
    private long maxWorkerMemory;
    private long memoryReserve = -1;
    private @Nullable Duration idleTimeout;
    private @Nullable Duration taskTimeout;
    private Duration cancelGrace = Duration.ofSeconds(2);
    private @Nullable Duration slowTaskThreshold;
    private int queueCapacity = 10_000;
    private Saturation saturation = Saturation.BLOCK;
    private @Nullable TaskRunnable initializer;
    private @Nullable TaskRunnable finalizer;
    private long maxHeap;
    private List<String> jvmArguments = List.of();
    private Map<String, String> environment = Map.of();
    private Set<String> inheritEnvironment = Set.of();
    private @Nullable Path workingDirectory;
    private List<String> commandPrefix = List.of();
    private List<String> classPath = List.of();
    private ClassPathMode classPathMode = ClassPathMode.AUTO;
    private @Nullable Codec codec;
    private @Nullable ObjectInputFilter resultFilter;
    private boolean untrusted;
    private Set<Class<?>> resultTypes = Set.of();
    private Duration startTimeout = Duration.ofSeconds(30);
    private Duration shutdownTimeout = Duration.ofSeconds(30);
    private int debugPort;
    private boolean classDataSharing = true;
    private boolean sharedMemory = true;
    private Duration heartbeatTimeout = Duration.ofSeconds(20);
    private boolean registerShutdownHook = true;
    private final List<PoolListener> listeners = new ArrayList<>();
    private final List<TaskMeter> meters = new ArrayList<>();
    private final List<SubmissionObserver> submissionObservers = new ArrayList<>();
    private Set<String> mdcKeys = Set.of();

    @Override
    public ProcessPool.Builder name(String newName) {
        if (!NAME.matcher(Checks.notNull("name", newName)).matches()) {
            throw new IllegalArgumentException(
                    "name must be 1 to 64 letters, digits or any of . _ -: name=\"" + newName + "\"");
        }
        name = newName;
        return this;
    }

    @Override
    public ProcessPool.Builder workers(int newWorkers) {
        workers = checkWorkers(newWorkers);
        return this;
    }

    /** Returns the number of workers, or throws if it is not possible. */
    static int checkWorkers(int workers) {
        Checks.atLeast("workers", workers, 1);
        if (workers > MAX_WORKERS) {
            throw new IllegalArgumentException("workers must be <= " + MAX_WORKERS + ": workers=" + workers);
        }
        return workers;
    }

    @Override
    public ProcessPool.Builder standbyWorkers(int newStandbyWorkers) {
        standbyWorkers = Checks.atLeast("standbyWorkers", newStandbyWorkers, 0);
        return this;
    }

    @Override
    public ProcessPool.Builder maxTasksPerWorker(int newMaxTasksPerWorker) {
        maxTasksPerWorker = Checks.atLeast("maxTasksPerWorker", newMaxTasksPerWorker, 1);
        return this;
    }

    @Override
    public ProcessPool.Builder maxWorkerAge(Duration newMaxWorkerAge) {
        maxWorkerAge = Checks.positive("maxWorkerAge", newMaxWorkerAge);
        return this;
    }

    @Override
    public ProcessPool.Builder maxWorkerMemory(long newMaxWorkerMemory) {
        maxWorkerMemory = Checks.atLeast("maxWorkerMemory", newMaxWorkerMemory, 1);
        return this;
    }

    @Override
    public ProcessPool.Builder memoryReserve(long newMemoryReserve) {
        memoryReserve = Checks.atLeast("memoryReserve", newMemoryReserve, 0);
        return this;
    }

    @Override
    public ProcessPool.Builder idleTimeout(Duration newIdleTimeout) {
        idleTimeout = Checks.positive("idleTimeout", newIdleTimeout);
        return this;
    }

    @Override
    public ProcessPool.Builder taskTimeout(Duration newTaskTimeout) {
        taskTimeout = Checks.positive("taskTimeout", newTaskTimeout);
        return this;
    }

    @Override
    public ProcessPool.Builder cancelGrace(Duration newCancelGrace) {
        cancelGrace = Checks.notNegative("cancelGrace", newCancelGrace);
        return this;
    }

    @Override
    public ProcessPool.Builder queueCapacity(int newQueueCapacity) {
        queueCapacity = Checks.atLeast("queueCapacity", newQueueCapacity, 1);
        return this;
    }

    @Override
    public ProcessPool.Builder saturation(Saturation newSaturation) {
        saturation = Checks.notNull("saturation", newSaturation);
        return this;
    }

    @Override
    public ProcessPool.Builder initializer(TaskRunnable newInitializer) {
        initializer = Checks.notNull("initializer", newInitializer);
        return this;
    }

    @Override
    public ProcessPool.Builder finalizer(TaskRunnable newFinalizer) {
        finalizer = Checks.notNull("finalizer", newFinalizer);
        return this;
    }

    @Override
    public ProcessPool.Builder maxHeap(long newMaxHeap) {
        maxHeap = Checks.atLeast("maxHeap", newMaxHeap, MIN_HEAP);
        return this;
    }

    @Override
    public ProcessPool.Builder jvmArguments(List<String> newJvmArguments) {
        jvmArguments = LaunchChecks.jvmArguments(newJvmArguments);
        return this;
    }

    @Override
    public ProcessPool.Builder environment(Map<String, String> newEnvironment) {
        environment = Checks.variables("environment", newEnvironment);
        return this;
    }

    @Override
    public ProcessPool.Builder inheritEnvironment(Collection<String> newInheritEnvironment) {
        inheritEnvironment = Checks.names("inheritEnvironment", newInheritEnvironment);
        return this;
    }

    @Override
    public ProcessPool.Builder workingDirectory(Path newWorkingDirectory) {
        if (!Files.isDirectory(Checks.notNull("workingDirectory", newWorkingDirectory))) {
            throw new IllegalArgumentException(
                    "workingDirectory must be an existing directory: workingDirectory=" + newWorkingDirectory);
        }
        workingDirectory = newWorkingDirectory;
        return this;
    }

    @Override
    public ProcessPool.Builder commandPrefix(List<String> newCommandPrefix) {
        commandPrefix = Checks.words("commandPrefix", newCommandPrefix);
        return this;
    }

    @Override
    public ProcessPool.Builder classPath(List<String> newClassPath) {
        classPath = LaunchChecks.classPath(newClassPath);
        return this;
    }

    @Override
    public ProcessPool.Builder classPathMode(ClassPathMode newClassPathMode) {
        classPathMode = Checks.notNull("classPathMode", newClassPathMode);
        return this;
    }

    @Override
    public ProcessPool.Builder codec(Codec newCodec) {
        codec = Checks.notNull("codec", newCodec);
        return this;
    }

    @Override
    public ProcessPool.Builder resultFilter(ObjectInputFilter newResultFilter) {
        resultFilter = Checks.notNull("resultFilter", newResultFilter);
        return this;
    }

    @Override
    public ProcessPool.Builder untrusted(boolean newUntrusted) {
        untrusted = newUntrusted;
        return this;
    }

    @Override
    public ProcessPool.Builder resultTypes(Class<?>... newResultTypes) {
        Set<Class<?>> types = new LinkedHashSet<>();
        for (Class<?> type : Checks.notNull("resultTypes", newResultTypes)) {
            types.add(Checks.resultType("resultTypes", type));
        }
        resultTypes = types;
        return this;
    }

    @Override
    public ProcessPool.Builder startTimeout(Duration newStartTimeout) {
        startTimeout = Checks.positive("startTimeout", newStartTimeout);
        return this;
    }

    @Override
    public ProcessPool.Builder shutdownTimeout(Duration newShutdownTimeout) {
        shutdownTimeout = Checks.notNegative("shutdownTimeout", newShutdownTimeout);
        return this;
    }

    @Override
    public ProcessPool.Builder slowTaskThreshold(Duration newSlowTaskThreshold) {
        slowTaskThreshold = Checks.positive("slowTaskThreshold", newSlowTaskThreshold);
        return this;
    }

    @Override
    public ProcessPool.Builder mode(Mode newMode) {
        mode = Checks.notNull("mode", newMode);
        return this;
    }

    @Override
    public ProcessPool.Builder debugPort(int newDebugPort) {
        if (newDebugPort < 1 || newDebugPort > MAX_PORT) {
            throw new IllegalArgumentException("debugPort must be 1 to 65535: debugPort=" + newDebugPort);
        }
        debugPort = newDebugPort;
        return this;
    }

    @Override
    public ProcessPool.Builder classDataSharing(boolean newClassDataSharing) {
        classDataSharing = newClassDataSharing;
        return this;
    }

    @Override
    public ProcessPool.Builder sharedMemory(boolean newSharedMemory) {
        sharedMemory = newSharedMemory;
        return this;
    }

    @Override
    public ProcessPool.Builder heartbeatTimeout(Duration newHeartbeatTimeout) {
        if (Checks.notNull("heartbeatTimeout", newHeartbeatTimeout).compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException(
                    "heartbeatTimeout must be >= PT1S: heartbeatTimeout=" + newHeartbeatTimeout);
        }
        heartbeatTimeout = newHeartbeatTimeout;
        return this;
    }

    @Override
    public ProcessPool.Builder registerShutdownHook(boolean newRegisterShutdownHook) {
        registerShutdownHook = newRegisterShutdownHook;
        return this;
    }

    @Override
    public ProcessPool.Builder listener(PoolListener listener) {
        listeners.add(Checks.notNull("listener", listener));
        return this;
    }

    @Override
    public ProcessPool.Builder taskMeter(TaskMeter meter) {
        meters.add(Checks.notNull("taskMeter", meter));
        return this;
    }

    @Override
    public ProcessPool.Builder submissionObserver(SubmissionObserver observer) {
        submissionObservers.add(Checks.notNull("submissionObserver", observer));
        return this;
    }

    @Override
    public ProcessPool.Builder mdcKeys(Collection<String> newMdcKeys) {
        mdcKeys = Checks.names("mdcKeys", newMdcKeys);
        return this;
    }

    @Override
    public ProcessPool build() {
        int processes = workers + standbyWorkers;
        if (debugPort > 0 && debugPort + processes - 1 > MAX_PORT) {
            throw new IllegalArgumentException("debugPort must leave a port up to " + MAX_PORT
                    + " for each worker: debugPort=" + debugPort + ", workers=" + workers + ", standbyWorkers="
                    + standbyWorkers);
        }
        if (untrusted && codec != null && codec.getClass().getName().startsWith(FORY)) {
            throw new IllegalArgumentException(
                    "untrusted must not be set with ForyCodec, which does not ask for each object"
                            + " that it reads; leave JDK serialization: untrusted=true, codec="
                            + codec.getClass().getSimpleName());
        }
        return DefaultProcessPool.start(config());
    }

    PoolConfig config() {
        return new PoolConfig(
                name == null ? "pool-" + NAMES.incrementAndGet() : name,
                mode,
                workers,
                standbyWorkers,
                new RecyclePolicy(maxTasksPerWorker, maxWorkerAge, maxWorkerMemory, idleTimeout, memoryReserve),
                new TaskDefaults(taskTimeout, cancelGrace, slowTaskThreshold, queueCapacity, saturation),
                new LaunchSettings(
                        maxHeap,
                        jvmArguments,
                        environment,
                        inheritEnvironment,
                        workingDirectory,
                        commandPrefix,
                        classPath,
                        classPathMode,
                        startTimeout,
                        debugPort,
                        classDataSharing,
                        sharedMemory),
                initializer,
                finalizer,
                codec,
                new Trust(untrusted, resultTypes, resultFilter),
                shutdownTimeout,
                registerShutdownHook,
                heartbeatTimeout,
                listeners,
                meters,
                submissionObservers,
                mdcKeys);
    }
}
