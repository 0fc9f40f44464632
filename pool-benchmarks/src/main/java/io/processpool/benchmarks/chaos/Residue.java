package io.processpool.benchmarks.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What this process has at a moment: what is there after all pools are closed and was not there before is left over. Where
 * there is no {@code /proc}, descriptors and maps count as none.
 *
 * @param processes its descendants
 * @param threads its threads that are a pool's
 * @param descriptors how many descriptors are open that are no files of classes
 * @param directories directories of its pools, in all places where they may be
 * @param crashReports what crashed JVMs have left in the working directory
 * @param maps how many files of shared memory are mapped
 * @param heapBytes how much of the heap is used after a collection
 */
record Residue(
        Set<String> processes,
        Set<String> threads,
        int descriptors,
        Set<String> directories,
        Set<String> crashReports,
        int maps,
        long heapBytes) {

    private static final int COLLECTIONS = 5;
    private static final long LOOK_NANOS = 200_000_000;
    private static final long PATIENCE_NANOS = 20_000_000_000L;
    private static final long HEAP_GROWTH = 16L << 20;

    static Residue now() {
        long heap = usedHeap(); // first: collecting unmaps
        String mine = "processpool-" + ProcessHandle.current().pid() + "-";
        return new Residue(
                ProcessHandle.current()
                        .descendants()
                        .map(process -> process.pid() + " "
                                + process.info().commandLine().orElse("?"))
                        .collect(Collectors.toCollection(TreeSet::new)),
                Thread.getAllStackTraces().keySet().stream()
                        .map(Thread::getName)
                        .filter(Residue::isOfAPool)
                        .collect(Collectors.toCollection(TreeSet::new)),
                descriptorCount(),
                places().flatMap(place -> list(place, mine)).collect(Collectors.toCollection(TreeSet::new)),
                list(Path.of(""), "hs_err_pid").collect(Collectors.toCollection(TreeSet::new)),
                mapCount(),
                heap);
    }

    private static boolean isOfAPool(String thread) {
        return thread.startsWith("pool-") || thread.startsWith("processpool-");
    }

    /** Returns the places where pools have directories. */
    static Stream<Path> places() {
        return Stream.of(
                        System.getProperty("java.io.tmpdir"),
                        System.getenv("XDG_RUNTIME_DIR"),
                        "/tmp",
                        "/var/tmp",
                        System.getProperty("user.home"),
                        "/dev/shm")
                .filter(place -> place != null && !place.isBlank())
                .map(Path::of)
                .filter(Files::isDirectory)
                .map(Path::toAbsolutePath)
                .distinct();
    }

    /** Returns the entries of a directory that begin so. */
    static Stream<String> list(Path directory, String prefix) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries
                    .filter(entry -> entry.getFileName().toString().startsWith(prefix))
                    .map(Path::toString)
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those of classes come and go as these are loaded. */
    private static int descriptorCount() {
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(descriptors)) {
            return (int) all.filter(Residue::isNoClasses).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isNoClasses(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return !target.endsWith(".jar") && !target.endsWith("/modules") && !target.endsWith(".class");
        } catch (IOException e) {
            return false; // closed since it was listed
        }
    }

    private static int mapCount() {
        Path maps = Path.of("/proc/self/maps");
        if (!Files.isReadable(maps)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(maps)) {
            return (int)
                    lines.filter(line -> line.contains("/dev/shm/processpool-")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long usedHeap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
            least = Math.min(least, heap.getUsed());
            LockSupport.parkNanos(LOOK_NANOS / 10);
        }
        return least;
    }

    /**
     * Notes as violations what is left over. Processes and threads may take a moment longer than their pools, so it looks
     * again for a while.
     *
     * @return the last look
     */
    Residue compareWithNow(Violations violations) {
        return compareWithNow(violations, Residue::now, PATIENCE_NANOS);
    }

    /** The parts apart, so that what is left can be made up. */
    Residue compareWithNow(Violations violations, Supplier<Residue> look, long patienceNanos) {
        long start = System.nanoTime();
        Residue after = look.get();
        List<String> left = leftIn(after);
        while (!left.isEmpty() && System.nanoTime() - start < patienceNanos) {
            LockSupport.parkNanos(LOOK_NANOS);
            after = look.get();
            left = leftIn(after);
        }
        left.forEach(violations::note);
        return after;
    }

    private List<String> leftIn(Residue after) {
        return Stream.of(
                        more("processes", processes, after.processes),
                        more("threads", threads, after.threads),
                        more("directories", directories, after.directories),
                        more("crash reports", crashReports, after.crashReports),
                        grown("descriptors", descriptors, after.descriptors, 0),
                        grown("maps of shared memory", maps, after.maps, 0),
                        grown("bytes of heap", heapBytes, after.heapBytes, HEAP_GROWTH))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<String> more(String what, Collection<String> before, Collection<String> after) {
        Set<String> left = new TreeSet<>(after);
        left.removeAll(before);
        return left.isEmpty() ? Optional.empty() : Optional.of(what + " are left: " + left);
    }

    private static Optional<String> grown(String what, long before, long after, long allowed) {
        return after <= before + allowed
                ? Optional.empty()
                : Optional.of(what + " have grown from " + before + " to " + after);
    }
}
