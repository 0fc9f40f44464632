package io.processpool.internal.process;

import io.processpool.internal.LaunchSettings;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The pool's own JVM options for a worker: a small footprint, a quick start, a clear end. They come first, so that the
 * user's arguments win; where the JVM would refuse both, the pool's are left out.
 */
final class JvmOptions {

    private static final long INITIAL_HEAP = 32L << 20;

    /** All workers together may use half of the memory, and one a quarter, which is the JVM's own default. */
    private static final double TOTAL_SHARE = 50;

    private static final double MAX_SHARE = 25;

    private static final Pattern COLLECTOR = Pattern.compile("-XX:\\+Use\\w+GC");
    private static final Pattern MAX_HEAP =
            Pattern.compile("-Xmx.*|-XX:(MaxHeapSize|MaxRAM|MaxRAMPercentage|MaxRAMFraction)=.*");

    private JvmOptions() {}

    /**
     * Returns the options.
     *
     * @param settings the settings
     * @param processes how many workers share the machine
     * @param output the character set of the worker's output
     */
    static List<String> of(LaunchSettings settings, int processes, String output) {
        List<String> options = new ArrayList<>();
        if (noneMatches(settings, COLLECTOR)) {
            options.add("-XX:+UseSerialGC");
        }
        addHeap(options, settings, processes);
        options.add("-Xshare:auto");
        options.add("-XX:-UsePerfData");
        // Nobody is to load an agent into a worker; an operator who wants jcmd says so in jvmArguments.
        options.add("-XX:+DisableAttachMechanism");
        // An exhausted heap leaves threads half dead; the pool is made to replace the process.
        options.add("-XX:+ExitOnOutOfMemoryError");
        // The error file stays, and says more.
        options.add("-XX:-CreateCoredumpOnCrash");
        // The JVM's last words, such as why it cannot start, belong to the tail of stderr.
        options.add("-XX:+DisplayVMOutputToStderr");
        String headless = System.getProperty("java.awt.headless");
        if (headless != null) {
            options.add("-Djava.awt.headless=" + headless);
        }
        // The same JVM: naming the provider spares the worker the search for one through the whole class path.
        options.add("-Djava.nio.channels.spi.SelectorProvider="
                + SelectorProvider.provider().getClass().getName());
        String maxDepth = System.getProperty(NestingGuard.MAX_DEPTH_PROPERTY);
        if (maxDepth != null) {
            options.add("-D" + NestingGuard.MAX_DEPTH_PROPERTY + "=" + maxDepth);
        }
        // The first two since JDK 18, the others before.
        for (String property :
                List.of("stdout.encoding", "stderr.encoding", "sun.stdout.encoding", "sun.stderr.encoding")) {
            options.add("-D" + property + "=" + output);
        }
        return options;
    }

    private static void addHeap(List<String> options, LaunchSettings settings, int processes) {
        long maxHeap = settings.maxHeap();
        if (noneMatches(settings, MAX_HEAP)) {
            options.add("-Xms" + (maxHeap > 0 ? Math.min(maxHeap, INITIAL_HEAP) : INITIAL_HEAP));
        }
        if (maxHeap > 0) {
            options.add("-Xmx" + maxHeap);
        } else if (noneMatches(settings, MAX_HEAP)) {
            // A percentage, because the JVM knows the limits of its container. It takes no less than 96 MiB or so.
            options.add(String.format(Locale.ROOT, "-XX:MaxRAMPercentage=%.4f", share(processes)));
        }
    }

    /** Returns which percentage of the memory is the heap limit of a worker, unless it is set. */
    static double share(int processes) {
        return Math.min(MAX_SHARE, TOTAL_SHARE / Math.max(1, processes));
    }

    private static boolean noneMatches(LaunchSettings settings, Pattern pattern) {
        return settings.jvmArguments().stream()
                .noneMatch(argument -> pattern.matcher(argument).matches());
    }
}
