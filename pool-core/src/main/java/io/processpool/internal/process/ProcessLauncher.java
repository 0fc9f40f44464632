package io.processpool.internal.process;

import io.processpool.WorkerStartException;
import io.processpool.internal.LaunchSettings;
import io.processpool.internal.PoolConfig;
import io.processpool.internal.archive.UnsuitableException;
import io.processpool.internal.archive.WorkerRecipe;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Launches the worker processes of a pool.
 *
 * <p>Thread-safe: workers may be launched at the same time. The runtime directory stays the caller's; it must be closed
 * after the last worker has ended. The same holds for the launcher, which may keep files that workers need.
 */
public final class ProcessLauncher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessLauncher.class);

    private final String pool;
    private final LaunchSettings settings;
    private final int processes;
    private final RuntimeDirectory directory;
    private final ParentRuntime runtime;
    private final NestingGuard nesting;
    private final Spawner spawner;
    private final Platform platform;
    private final Unpacker unpacker;
    private final ClassSharing sharing;
    private final Training training;
    private final boolean untrusted;
    private final AtomicBoolean toldOfEnvironment = new AtomicBoolean();

    /** Guarded by this. */
    private @Nullable RuntimeDirectory elsewhere;

    /** By main class. What is on the class path does not change while this JVM runs. */
    private final ConcurrentMap<String, Packaging> packagings = new ConcurrentHashMap<>();

    /**
     * Makes a launcher.
     *
     * @param config the settings of the pool
     * @param directory where files go that are needed to start a worker
     * @param memory what this process and the workers share
     * @throws io.processpool.ProcessPoolException if this process is itself a worker, and too deep
     */
    public ProcessLauncher(PoolConfig config, RuntimeDirectory directory, ContainerMemory memory) {
        this.pool = config.name();
        this.settings = config.launch();
        this.untrusted = config.trust().untrusted();
        this.processes = config.workers() + config.standbyWorkers();
        this.directory = directory;
        // Now, because the context class loader is that of the application only in the thread that makes the pool.
        this.runtime = ParentRuntime.current();
        this.nesting = NestingGuard.current();
        this.spawner = new Spawner(pool, settings.startTimeout());
        this.platform = Platform.current();
        this.unpacker = new Unpacker(pool, settings.classPathMode(), settings.startTimeout(), Extractions.SHARED);
        this.sharing = new ClassSharing(pool, directory::path, this::recipe);
        this.training = new Training(platform);
        nesting.check();
        String warning = MemoryPlan.of(settings, processes, memory).warning(pool);
        if (warning != null) {
            LOG.warn(warning);
        }
    }

    /**
     * Makes sure that the classes of the workers are there. May block for a while, if an archive must be extracted.
     *
     * @param mainClass the class whose main method the workers run
     * @return a directory that the workers need, which may outlive this process if that dies suddenly, or null
     * @throws WorkerStartException if they would not find this library
     */
    public @Nullable Path prepare(String mainClass) {
        if (!unpacker.isIntact()) {
            packagings.clear();
        }
        packaging(mainClass);
        return unpacker.directory();
    }

    /** Returns the directory in which each worker has its temporary one. */
    public Path temporaryDirectory() {
        return temporary().path();
    }

    private Packaging packaging(String mainClass) {
        return packagings.computeIfAbsent(
                mainClass, name -> new ClassPathResolver(settings.classPath(), runtime, unpacker).resolve(name));
    }

    /**
     * Starts a worker. Blocks until the operating system has started it, for the start timeout at most; not until the
     * JVM in it runs.
     *
     * @param slot the worker's slot, which stands for {@code {worker}} in the settings
     * @param generation the worker's generation
     * @param stdin what the worker finds on its stdin, before the end of it
     * @param mainClass the class whose main method the worker runs
     * @return the process, which is the caller's to kill
     * @throws WorkerStartException if it cannot be started; then nothing is left behind
     */
    public WorkerProcess launch(int slot, int generation, byte[] stdin, String mainClass) {
        Path workingDirectory = workingDirectory();
        Packaging packaging = packaging(mainClass);
        List<String> defaults = defaults();
        List<String> archive = sharing.options(packaging);
        defaults.addAll(archive);
        OwnTemp temp = OwnTemp.create(temporary().newPath("tmp-" + slot, ""));
        defaults.addAll(temp.options());
        CommandLine.Parts parts =
                new CommandLine.Parts(pool, slot, settings, defaults, InheritedOptions.current(), packaging);
        CommandLine command;
        try {
            command = CommandLine.write(parts, directory.newPath("worker-" + slot, ".args"));
        } catch (RuntimeException e) {
            temp.delete();
            throw e;
        }
        try {
            String marker = WorkerEnvironment.newMarker();
            Instant now = Instant.now();
            ProcessBuilder builder = builder(command, slot, marker);
            temp.apply(builder.environment(), settings.environment());
            PrivateUmask.apply(builder);
            Process process = spawner.start(builder, slot);
            ErrorFiles errorFiles = new ErrorFiles(workingDirectory, Placeholders.fill(settings.jvmArguments(), slot));
            ChildProcess child = ChildProcess.attend(
                    new ChildProcess.Origin(pool, slot, generation, marker, command, temp, errorFiles, platform, now),
                    process,
                    stdin);
            if (!archive.isEmpty()) {
                distrustIfNotReady(child);
            }
            return child;
        } catch (WorkerStartException e) {
            command.release();
            temp.delete();
            throw e;
        } catch (RuntimeException | OutOfMemoryError e) {
            command.release();
            temp.delete();
            throw new WorkerStartException(
                    "A worker process cannot be attended to: " + e.getMessage() + " (pool=" + pool + ", worker=" + slot
                            + ")",
                    e);
        }
    }

    /** The archive is most likely innocent; but if it is not, no worker would ever start. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void distrustIfNotReady(ChildProcess child) {
        child.onExit().thenAccept(code -> {
            if (code != 0 && child.endedUnready()) {
                sharing.distrust();
            }
        });
    }

    /**
     * Makes an archive of the classes that workers load, if it is missing and these workers can have one; workers that
     * are launched later start quicker. Blocks for a second or more.
     *
     * @param stdin what the process that makes it finds on its stdin
     * @param mainClass its main class, which is given a directory for its files, a file that it must be able to read, and
     *     sometimes an exit code, see {@link ArchiveTrainer}
     * @return false if another pool is making one, so that it is worth to come again
     */
    public boolean train(byte[] stdin, String mainClass) {
        if (!settings.classDataSharing()) {
            return true;
        }
        Packaging packaging = packaging(mainClass);
        ArchiveTrainer.Launcher once = new ArchiveTrainer.Launcher() {
            @Override
            public int run(CommandLine command, Path output) {
                String marker = WorkerEnvironment.newMarker();
                ProcessBuilder builder = builder(command, 0, marker);
                builder.redirectErrorStream(true).redirectOutput(Redirect.appendTo(output.toFile()));
                return training.run(spawner, builder, stdin, marker);
            }

            @Override
            public boolean closed() {
                return training.closed();
            }
        };
        return new ArchiveMaker(pool, sharing, directory)
                .make(packaging, new ArchiveTrainer(pool + "-training", settings, defaults(), packaging, once));
    }

    private WorkerRecipe recipe(Packaging packaging) throws UnsuitableException {
        if (!settings.classDataSharing()) {
            throw new UnsuitableException("classDataSharing=false");
        }
        if (settings.debugPort() > 0) {
            throw new UnsuitableException("debugPort=" + settings.debugPort());
        }
        if (unpacker.directory() != null) {
            throw new UnsuitableException("the class path is extracted for this process alone");
        }
        WorkerEnvironment.requireNoOptions(settings.environment());
        List<String> options = new ArrayList<>(defaults());
        options.addAll(InheritedOptions.current());
        options.addAll(settings.jvmArguments());
        options.addAll(packaging.options());
        return new WorkerRecipe(settings.commandPrefix(), options, packaging.classPath());
    }

    private List<String> defaults() {
        return JvmOptions.of(settings, processes, OutputPump.charset().name());
    }

    /**
     * Returns where temporary directories of workers are made: in the directory of the pool, unless that is not where this
     * process has its temporary files, since the path of a socket must be short.
     */
    private synchronized RuntimeDirectory temporary() {
        if (elsewhere != null) {
            return elsewhere;
        }
        String root = System.getProperty("java.io.tmpdir", "");
        if (root.isBlank() || directory.path().startsWith(Path.of(root).toAbsolutePath())) {
            return directory;
        }
        try {
            elsewhere = RuntimeDirectory.create(List.of(Path.of(root).toAbsolutePath()));
            return elsewhere;
        } catch (WorkerStartException e) {
            return directory;
        }
    }

    private Path workingDirectory() {
        Path workingDirectory = settings.workingDirectory();
        if (workingDirectory == null) {
            return Path.of("").toAbsolutePath();
        }
        if (!Files.isDirectory(workingDirectory)) {
            throw new WorkerStartException(
                    "The working directory of the workers does not exist, or is not a directory: workingDirectory="
                            + workingDirectory + " (pool=" + pool + ")",
                    null);
        }
        return workingDirectory.toAbsolutePath();
    }

    private ProcessBuilder builder(CommandLine command, int slot, String marker) {
        ProcessBuilder builder = new ProcessBuilder(command.arguments());
        if (settings.workingDirectory() != null) {
            builder.directory(settings.workingDirectory().toFile());
        }
        try {
            Set<String> withheld = WorkerEnvironment.apply(
                    builder.environment(), settings, untrusted, slot, marker, nesting.childDepth());
            if (!withheld.isEmpty() && toldOfEnvironment.compareAndSet(false, true)) {
                LOG.info(
                        "Workers do not inherit these variables of the environment, {}: {}; what they need is for"
                                + " inheritEnvironment or environment (pool={})",
                        untrusted ? "since they are not trusted" : "which may be secrets",
                        withheld,
                        pool);
            }
        } catch (IllegalArgumentException e) {
            throw new WorkerStartException(
                    "environment must have valid names and values: " + e.getMessage() + " (pool=" + pool + ")", e);
        }
        return builder;
    }

    /** Ends what runs besides the workers, waits until it is gone, and gives back what the workers needed. */
    @Override
    public void close() {
        training.close();
        unpacker.close();
        synchronized (this) {
            if (elsewhere != null) {
                elsewhere.close();
            }
        }
    }
}
