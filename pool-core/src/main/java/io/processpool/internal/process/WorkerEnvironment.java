package io.processpool.internal.process;

import io.processpool.internal.LaunchSettings;
import io.processpool.internal.archive.UnsuitableException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a worker: that of this process without what would change the worker's JVM behind the pool's back, and
 * without what looks like a secret, with the user's variables and two of our own. An untrusted worker inherits only what is
 * known to be harmless.
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

    /**
     * What the name of a secret contains, or ends in: not {@code PWD} alone, which is a directory, nor {@code
     * TOKENIZERS_PARALLELISM} and {@code MAX_TOKENS}, which are about texts; an access key has {@code KEY} at a boundary, a
     * keyboard has not, and some keys are no secrets.
     */
    private static final Pattern SECRET = Pattern.compile(
            "PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIAL"
                    + "|TOKEN(?!IZ|S|[._-]?(LIMIT|COUNT|BUDGET|LENGTH|SIZE))"
                    + "|(API|AUTH|ACCESS|REFRESH|BEARER|SESSION)[._-]?TOKENS"
                    + "|(API|PRIVATE|ACCESS|ENCRYPTION|SIGNING|MASTER|AUTH)[._-]?KEY(?![A-Z])"
                    + "|[._-](PASS|PWD|PAT)$"
                    + "|(?<!PUBLIC|CACHE|PARTITION|ROUTING|SORT)[._-]KEY$",
            Pattern.CASE_INSENSITIVE);

    /** What a program needs to find its files, its user, its language and the time; on Windows more than elsewhere. */
    private static final Set<String> HARMLESS = Set.of(
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "SHELL",
            "LANG",
            "LANGUAGE",
            "TZ",
            "TMPDIR",
            "TERM",
            "JAVA_HOME",
            "LD_LIBRARY_PATH",
            "DYLD_LIBRARY_PATH",
            "MALLOC_ARENA_MAX",
            "SYSTEMROOT",
            "SYSTEMDRIVE",
            "WINDIR",
            "COMSPEC",
            "PATHEXT",
            "TEMP",
            "TMP",
            "USERNAME",
            "USERPROFILE",
            "NUMBER_OF_PROCESSORS",
            "PROCESSOR_ARCHITECTURE");

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
     * @param settings the user's variables, which may set anew what is not inherited, and what is inherited in addition
     * @param untrusted whether only what is harmless is inherited
     * @param slot the worker's slot, for {@code {worker}} in the user's values
     * @return the names of variables that were left out since they may be secret
     */
    static Set<String> apply(
            Map<String, String> environment,
            LaunchSettings settings,
            boolean untrusted,
            int slot,
            String marker,
            int depth) {
        environment.keySet().removeIf(name -> SCRUBBED.contains(name) || name.startsWith(LOADER_PREFIX));
        Set<String> withheld = new TreeSet<>(environment.keySet());
        withheld.removeIf(name -> untrusted ? isHarmless(name) : !isSecret(name));
        withheld.removeIf(name -> isNamed(name, settings.inheritEnvironment()));
        environment.keySet().removeAll(withheld);
        Map<String, String> variables = settings.environment();
        variables.forEach((name, value) -> environment.put(name, Placeholders.fill(value, slot)));
        environment.put(MARKER, marker);
        environment.put(NestingGuard.DEPTH_VARIABLE, Integer.toString(depth));
        withheld.removeAll(environment.keySet());
        return withheld;
    }

    /** Whether the name looks like that of a secret. */
    static boolean isSecret(String name) {
        return SECRET.matcher(name).find();
    }

    private static boolean isHarmless(String name) {
        return HARMLESS.contains(name.toUpperCase(Locale.ROOT)) || name.startsWith("LC_");
    }

    private static boolean isNamed(String name, Set<String> patterns) {
        for (String pattern : patterns) {
            if (pattern.endsWith("*")
                    ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                    : name.equals(pattern)) {
                return true;
            }
        }
        return false;
    }
}
