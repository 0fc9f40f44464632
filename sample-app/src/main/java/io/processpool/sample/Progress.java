package io.processpool.sample;

import java.io.Console;
import java.util.function.Consumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Makes progress bars on stderr: a moving one on a terminal, elsewhere a line now and then, so that the log of a build
 * server shows life and is not flooded. They are drawn in ASCII, whatever the console's character set.
 */
final class Progress {

    private static final int MOVING_MILLIS = 200;
    private static final int PLAIN_MILLIS = 10_000;
    private static final int PLAIN_WIDTH = 80;

    private Progress() {}

    static ProgressBar bar(String task, long max, String unit) {
        ProgressBarBuilder builder = new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(max)
                .setUnit(" " + unit, 1)
                .setStyle(ProgressBarStyle.ASCII);
        if (isTerminal()) {
            builder.setUpdateIntervalMillis(MOVING_MILLIS).continuousUpdate();
        } else {
            builder.setUpdateIntervalMillis(PLAIN_MILLIS)
                    .setConsumer(new DelegatingProgressBarConsumer(new NewLines(), PLAIN_WIDTH));
        }
        return builder.build();
    }

    // What a console that is there means depends on the version, which is what this is about.
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        Console console = System.console();
        if (console == null || "dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            // Before Java 22 there is no such method, and no console but a terminal.
            return true;
        }
    }

    /** Prints a line unless it is the same as the one before. */
    private static final class NewLines implements Consumer<String> {

        private String last = "";

        @Override
        public void accept(String line) {
            if (!line.equals(last)) {
                last = line;
                System.err.println(line);
            }
        }
    }
}
