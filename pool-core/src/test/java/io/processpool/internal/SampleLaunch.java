package io.processpool.internal;

import io.processpool.ClassPathMode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes launch settings for tests: the defaults of a pool, but for what a test says. */
public final class SampleLaunch {

    private long maxHeap;
    private List<String> jvmArguments = List.of();
    private Map<String, String> environment = Map.of();
    private Set<String> inheritEnvironment = Set.of();
    private List<String> commandPrefix = List.of();
    private Duration startTimeout = Duration.ofSeconds(30);
    private int debugPort;
    private boolean sharing = true;

    /** Sets the heap limit of a worker. */
    public SampleLaunch maxHeap(long bytes) {
        maxHeap = bytes;
        return this;
    }

    /** Sets the JVM arguments. */
    public SampleLaunch jvmArguments(List<String> arguments) {
        jvmArguments = arguments;
        return this;
    }

    /** Sets the variables. */
    public SampleLaunch environment(Map<String, String> variables) {
        environment = variables;
        return this;
    }

    /** Sets which variables are inherited. */
    public SampleLaunch inheritEnvironment(String... names) {
        inheritEnvironment = Set.of(names);
        return this;
    }

    /** Sets the command that the launch command is appended to. */
    public SampleLaunch commandPrefix(String... words) {
        commandPrefix = List.of(words);
        return this;
    }

    /** Sets how long a worker may take until it is ready. */
    public SampleLaunch startTimeout(Duration timeout) {
        startTimeout = timeout;
        return this;
    }

    /** Neither an archive of classes nor memory is shared with workers. */
    public SampleLaunch withoutSharing() {
        sharing = false;
        return this;
    }

    /** Sets the debugger's port of worker 0. */
    public SampleLaunch debugPort(int port) {
        debugPort = port;
        return this;
    }

    /** Returns the settings. */
    public LaunchSettings make() {
        return new LaunchSettings(
                maxHeap,
                jvmArguments,
                environment,
                inheritEnvironment,
                null,
                commandPrefix,
                List.of(),
                ClassPathMode.AUTO,
                startTimeout,
                debugPort,
                sharing,
                sharing);
    }
}
