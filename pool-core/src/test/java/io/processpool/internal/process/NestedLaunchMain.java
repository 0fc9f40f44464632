package io.processpool.internal.process;

import ch.qos.logback.classic.Level;
import java.nio.file.Path;

/** A process that launches one: prints what its child says, and exits with its code. */
public final class NestedLaunchMain {

    private NestedLaunchMain() {}

    /** Returns the command for such a process, which writes UTF-8. */
    static ProcessBuilder command(Path directory, String order) {
        return new ProcessBuilder(
                CommandLine.java(System.getProperty("java.home")).toString(),
                "-Dstdout.encoding=UTF-8",
                "-Dsun.stdout.encoding=UTF-8",
                "-cp",
                System.getProperty("java.class.path"),
                NestedLaunchMain.class.getName(),
                directory.toString(),
                order);
    }

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
