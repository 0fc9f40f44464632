package io.processpool.internal;

import io.processpool.ClassPathMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How worker processes are launched.
 *
 * @param maxHeap the heap limit of a worker in bytes, 0 for the default
 * @param jvmArguments JVM arguments, after the pool's own
 * @param environment variables set in addition to those inherited
 * @param inheritEnvironment names of variables that are inherited though they would not be
 * @param workingDirectory the working directory, null for that of this process
 * @param commandPrefix a command that the launch command is appended to, may be empty
 * @param classPath class path entries, empty for that of this process
 * @param classPathMode how workers get the classes of an executable archive
 * @param startTimeout how long a worker may take until it is ready
 * @param debugPort the JDWP port of worker 0, the others count up from it; 0 for none
 * @param classDataSharing whether workers may start with an archive of loaded classes
 * @param sharedMemory whether messages may go through memory that pool and worker share
 */
public record LaunchSettings(
        long maxHeap,
        List<String> jvmArguments,
        Map<String, String> environment,
        Set<String> inheritEnvironment,
        @Nullable Path workingDirectory,
        List<String> commandPrefix,
        List<String> classPath,
        ClassPathMode classPathMode,
        Duration startTimeout,
        int debugPort,
        boolean classDataSharing,
        boolean sharedMemory) {

    /** Copies the collections. */
    public LaunchSettings {
        jvmArguments = List.copyOf(jvmArguments);
        environment = Map.copyOf(environment);
        inheritEnvironment = Set.copyOf(inheritEnvironment);
        commandPrefix = List.copyOf(commandPrefix);
        classPath = List.copyOf(classPath);
    }

    /** Masks what may hold secrets. */
    @Override
    public String toString() {
        return "LaunchSettings[maxHeap=" + maxHeap + ", jvmArguments=" + jvmArguments.size() + " masked, environment="
                + environment.keySet() + ", inheritEnvironment=" + inheritEnvironment + ", workingDirectory="
                + workingDirectory + ", commandPrefix=" + commandPrefix
                + ", classPath=" + classPath.size() + " entries, classPathMode=" + classPathMode + ", startTimeout="
                + startTimeout + ", debugPort=" + debugPort + ", classDataSharing=" + classDataSharing
                + ", sharedMemory=" + sharedMemory + "]";
    }
}
