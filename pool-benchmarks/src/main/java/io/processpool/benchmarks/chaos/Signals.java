package io.processpool.benchmarks.chaos;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;

/** Sends signals to single processes, through a shell that stays: to start one for each would disturb more. Thread-safe. */
final class Signals implements AutoCloseable {

    private final Process shell;
    private final Writer in;

    Signals() throws IOException {
        shell = new ProcessBuilder("sh")
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD)
                .start();
        in = new OutputStreamWriter(shell.getOutputStream(), StandardCharsets.US_ASCII);
    }

    /** Sends a signal to a process if it is still that very process: a handle knows when it was started. */
    void send(String signal, ProcessHandle process) {
        if (process.pid() > 1 && process.isAlive()) {
            write("kill -" + signal + " " + process.pid() + "\n");
        }
    }

    private synchronized void write(String line) {
        try {
            in.write(line);
            in.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the process of the shell. */
    long pid() {
        return shell.pid();
    }

    @Override
    public void close() throws InterruptedException {
        try {
            in.close();
        } catch (IOException e) {
            // it has ended
        }
        shell.waitFor();
    }
}
