package io.processpool.internal.process;

import io.processpool.internal.ByteSizes;
import io.processpool.internal.LaunchSettings;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How much memory the workers of a pool and this process may come to use, and how much there is.
 *
 * @param processes how many workers there are to be
 * @param workerHeap the heap limit of one, -1 if not known
 * @param parentHeap the heap limit of this process
 * @param memory how much there is, -1 if not known
 * @param limited whether that is the limit of a container
 */
record MemoryPlan(int processes, long workerHeap, long parentHeap, long memory, boolean limited) {

    /** What a JVM needs besides its heap: classes, compiled code, stacks, buffers. About, and without native libraries. */
    static final long OVERHEAD = 64L << 20;

    /** A JVM that is given a percentage takes no less, however little that is. */
    private static final long LEAST_HEAP = 96L << 20;

    private static final Pattern SIZE = Pattern.compile("(?:-Xmx|-XX:MaxHeapSize=)(\\d{1,15})([kKmMgGtT]?)");
    private static final Pattern PERCENTAGE = Pattern.compile("-XX:MaxRAMPercentage=(\\d{1,3}(?:\\.\\d{1,9})?)");
    private static final Pattern OTHER = Pattern.compile("-XX:(MaxRAM|MaxRAMFraction)=.*");

    static MemoryPlan of(LaunchSettings settings, int processes, ContainerMemory container) {
        long limit = container.limit();
        long physical = container.physical();
        boolean limited = limit > 0 && (physical < 0 || limit < physical);
        long memory = limited ? limit : physical;
        long heap = heap(settings, processes, memory);
        return new MemoryPlan(processes, heap, Runtime.getRuntime().maxMemory(), memory, limited);
    }

    /** Returns the heap limit of a worker, as its JVM will see it: of several options the last counts. */
    private static long heap(LaunchSettings settings, int processes, long memory) {
        long heap = settings.maxHeap() > 0 ? settings.maxHeap() : share(JvmOptions.share(processes), memory);
        for (String argument : settings.jvmArguments()) {
            Matcher size = SIZE.matcher(argument);
            Matcher percentage = PERCENTAGE.matcher(argument);
            if (size.matches()) {
                heap = bytes(Long.parseLong(size.group(1)), size.group(2));
            } else if (percentage.matches() && settings.maxHeap() == 0) {
                heap = share(Double.parseDouble(percentage.group(1)), memory);
            } else if (OTHER.matcher(argument).matches()) {
                heap = -1;
            }
        }
        return heap;
    }

    private static long share(double percent, long memory) {
        return memory < 0 ? -1 : Math.max(LEAST_HEAP, (long) (memory * percent / 100));
    }

    private static long bytes(long number, String unit) {
        int power = unit.isEmpty() ? 0 : 1 + "kmgt".indexOf(unit.toLowerCase(Locale.ROOT));
        return number << 10 * power;
    }

    /** Returns what is wrong with it, for the log, or null if there is enough memory for all. */
    @Nullable
    String warning(String pool) {
        if (memory < 0 || workerHeap < 0) {
            return null;
        }
        long workers = processes * (workerHeap + OVERHEAD);
        long all = workers + parentHeap;
        if (all <= memory) {
            return null;
        }
        return "The workers of pool " + pool + " and this process may come to use " + ByteSizes.of(all)
                + " of memory, and " + (limited ? "the limit of the container is " : "the machine has ")
                + ByteSizes.of(memory) + ": workers=" + processes + " x (heap " + ByteSizes.of(workerHeap)
                + " + about " + ByteSizes.of(OVERHEAD) + ") + heap of this process " + ByteSizes.of(parentHeap)
                + ". Lower workers, maxHeap or -Xmx of this process, or raise the limit; see docs/memory.md";
    }
}
