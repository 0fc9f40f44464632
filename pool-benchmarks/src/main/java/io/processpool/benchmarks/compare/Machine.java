package io.processpool.benchmarks.compare;

import io.processpool.benchmarks.compare.peer.Peer;
import io.processpool.benchmarks.compare.peer.PythonPeer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;

/** What a reader must know of the machine to judge the figures. */
final class Machine {

    private Machine() {}

    static String describe(Scale scale) {
        String python = PythonPeer.version();
        return String.format(
                Locale.ROOT,
                "JDK %s, %s, %d processors, %s %s, %d workers, medians of %d rounds, %s; %s",
                Runtime.version().feature() + " (" + Runtime.version() + ")",
                python == null ? "no Python" : python,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                Peer.WORKERS,
                scale.rounds(),
                LocalDate.now(ZoneOffset.UTC),
                load());
    }

    /** Returns how busy the machine is with other things, too. */
    static String load() {
        try {
            return "load " + Files.readString(Path.of("/proc/loadavg")).trim();
        } catch (IOException e) {
            return "load unknown";
        }
    }
}
