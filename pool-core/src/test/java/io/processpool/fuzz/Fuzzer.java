package io.processpool.fuzz;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What Jazzer calls, with names that it prescribes. The argument says which target. */
public final class Fuzzer {

    private static @Nullable FuzzTarget target;

    private Fuzzer() {}

    /** Chooses the target. */
    public static void fuzzerInitialize(String[] arguments) {
        target = FuzzTarget.valueOf(arguments[0].toUpperCase(Locale.ROOT));
    }

    /** Tries an input. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        FuzzTarget chosen = target;
        if (chosen != null) {
            chosen.run(input);
        }
    }
}
