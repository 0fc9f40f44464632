package io.processpool.benchmarks.compare;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a process uses, as Linux tells. Processor time is that of the scheduler, which counts nanoseconds, not ticks of ten
 * milliseconds.
 *
 * @param cpuNanos processor time of all threads
 * @param wakeUps how often a thread has gone to sleep of its own will, which is how often one was woken
 * @param residentBytes memory
 */
record ProcessUse(long cpuNanos, long wakeUps, long residentBytes) {

    static final ProcessUse NONE = new ProcessUse(0, 0, 0);

    static ProcessUse of(long pid) {
        Path process = Path.of("/proc", String.valueOf(pid));
        long nanos = 0;
        long wakeUps = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path thread : threads) {
                nanos += Long.parseLong(
                        Files.readString(thread.resolve("schedstat")).trim().split(" ")[0]);
                wakeUps += field(thread.resolve("status"), "voluntary_ctxt_switches:");
            }
            return new ProcessUse(nanos, wakeUps, field(process.resolve("status"), "VmRSS:") << 10);
        } catch (IOException e) {
            throw new IllegalStateException(
                    "Process " + pid + " cannot be watched, it has ended or this is no Linux", e);
        }
    }

    private static long field(Path file, String name) throws IOException {
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.substring(name.length()).trim().split(" ")[0]);
            }
        }
        throw new IOException("No " + name + " in " + file);
    }

    ProcessUse minus(ProcessUse before) {
        return new ProcessUse(cpuNanos - before.cpuNanos, wakeUps - before.wakeUps, residentBytes);
    }
}
