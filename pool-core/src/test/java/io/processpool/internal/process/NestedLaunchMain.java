package io.processpool.internal.process;

import ch.qos.logback.classic.Level;
import java.nio.file.Path;

/** A process that launches one: prints what its child says, and exits with its code. */
public final class NestedLaunchMain {

    private NestedLaunchMain() {}

    /** Takes a directory and the order for the child. */
    public static void main(String[] args) throws Exception {
        int code;
        try (LaunchFixture fixture = new LaunchFixture(Path.of(args[0]))) {
            code = fixture.run(args[1]);
            fixture.lines(Level.INFO).forEach(System.out::println);
        }
        System.exit(code);
    }
}
