package io.processpool.benchmarks.compare;

import io.processpool.benchmarks.compare.peer.Peer;
import io.processpool.benchmarks.compare.peer.PythonPeer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a reader must know of the machine to judge the figures. */
final class Machine {

    private Machine() {}

    static String describe(Scale scale) {
        String python = PythonPeer.version();
        return String.format(
                Locale.ROOT,
                "JDK %s, %s, %s %s, %d processors, %d workers, medians of %d rounds, %s",
                Runtime.version().version().stream().map(String::valueOf).collect(Collectors.joining(".")),
                python == null ? "no Python" : python,
                System.getProperty("os.name"),
                // The rest names the one who has built the kernel.
                System.getProperty("os.version").split("-", 2)[0],
                Runtime.getRuntime().availableProcessors(),
                Peer.WORKERS,
                scale.rounds(),
                LocalDate.now(ZoneOffset.UTC));
    }

    /** Returns how busy the machine is, this program included: the average of the last minute. */
    static String load() {
        try {
            return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
        } catch (IOException e) {
            return "unknown";
        }
    }
}
