package io.processpool.internal.process;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What differs between operating systems about a process. Nothing in here throws, and nothing blocks for long.
 *
 * <p>A pid is a name that is given to another process later: ask about a pid only while the process is known not to
 * have been reaped.
 */
interface Platform {

    /**
     * Returns the platform that this JVM runs on.
     *
     * @return the platform
     */
    static Platform current() {
        return LinuxPlatform.isSupported() ? LinuxPlatform.INSTANCE : PortablePlatform.INSTANCE;
    }

    /** Returns the resident memory of the process in bytes, or -1 if not known. */
    long residentBytes(long pid);

    /** Returns the CPU time of the process, or null if not known. */
    @Nullable
    Duration cpuTime(long pid);

    /** Kills the descendants of a living process, but not the process. */
    void killDescendants(ProcessHandle root);

    /** Kills a living process and its descendants. */
    void killTree(ProcessHandle root);

    /**
     * Kills all processes that carry this value of {@link WorkerEnvironment#MARKER} in their environment, or one that
     * begins with it and a slash: the worker, and whatever it or a nested worker started, however orphaned. Does
     * nothing where environments cannot be read.
     */
    void sweep(String marker);

    /** Returns the name of the signal that this exit code stands for, or null if for none. */
    @Nullable
    String signalName(int exitCode);

    /** Returns how many processes around this one the kernel has killed for want of memory, or -1 if not known. */
    long outOfMemoryKills();
}
