package io.processpool.internal.process;

import io.processpool.internal.archive.UnsuitableException;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a worker: that of this process without what would change the worker's JVM behind the pool's back,
 * with the user's variables and two of our own.
 */
final class WorkerEnvironment {

    /**
     * Holds a unique token of each worker, after those of the workers that it is nested in. All processes that a worker
     * starts inherit it, so they can be found when the worker is gone.
     */
    static final String MARKER = "PROCESSPOOL_WORKER";

    /** They would change the options, the class path, or the main class. */
    private static final Set<String> SCRUBBED =
            Set.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "JDK_AOT_VM_OPTIONS", "CLASSPATH");

    /** Settings of Spring Boot's launcher. */
    private static final String LOADER_PREFIX = "LOADER_";

    private WorkerEnvironment() {}

    /** Throws if these variables of the user change the options of the JVM, so that those are not known here. */
    static void requireNoOptions(Map<String, String> variables) throws UnsuitableException {
        for (String name : variables.keySet()) {
            if (SCRUBBED.contains(name)) {
                throw new UnsuitableException("environment has " + name);
            }
        }
    }

    /** Returns a new marker for a worker of this process. */
    static String newMarker() {
        return newMarker(System.getenv(MARKER));
    }

    static String newMarker(@Nullable String parent) {
        String token = UUID.randomUUID().toString();
        return parent == null || parent.isEmpty() ? token : parent + "/" + token;
    }

    /**
     * Turns the environment of this process into that of a worker.
     *
     * @param environment what to change
     * @param variables the user's, which may set anew what is not inherited
     * @param slot the worker's slot, for {@code {worker}} in the user's values
     */
    static void apply(
            Map<String, String> environment, Map<String, String> variables, int slot, String marker, int depth) {
        environment.keySet().removeIf(name -> SCRUBBED.contains(name) || name.startsWith(LOADER_PREFIX));
        variables.forEach((name, value) -> environment.put(name, Placeholders.fill(value, slot)));
        environment.put(MARKER, marker);
        environment.put(NestingGuard.DEPTH_VARIABLE, Integer.toString(depth));
    }
}
