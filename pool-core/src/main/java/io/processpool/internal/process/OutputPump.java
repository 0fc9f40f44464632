package io.processpool.internal.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.MDC;

/**
 * Reads a stream of a worker until its end, line by line, into the tail and into the log. It must always read: a worker
 * whose output is not read stands still as soon as the pipe is full.
 */
final class OutputPump implements Runnable {

    private static final int BUFFER = 8 * 1024;

    private final InputStream in;
    private final LineTail tail;
    private final Consumer<String> log;
    private final Map<String, String> context;
    private final Runnable finished;

    /**
     * Makes a pump.
     *
     * @param in what to read, closed at the end
     * @param tail keeps the last lines
     * @param log takes each line; may throw
     * @param context the logging context (MDC) of each line
     * @param finished runs at the end
     */
    OutputPump(InputStream in, LineTail tail, Consumer<String> log, Map<String, String> context, Runnable finished) {
        this.in = in;
        this.tail = tail;
        this.log = log;
        this.context = context;
        this.finished = finished;
    }

    /**
     * Returns the encoding that workers are told to write in: the platform's own, so that lines of native code and of
     * other programs are read as well; but UTF-8 where that is ASCII, as in most containers, which contains it.
     */
    static Charset charset() {
        Charset platform = ArgumentFile.nativeCharset();
        String name = System.getProperty("native.encoding");
        if (name != null && Charset.isSupported(name)) {
            platform = Charset.forName(name);
        }
        return platform.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : platform;
    }

    @Override
    public void run() {
        LineSplitter lines = new LineSplitter(charset(), this::forward);
        try (in) {
            context.forEach(MDC::put);
            byte[] buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                lines.accept(buffer, count);
            }
        } catch (IOException e) {
            // closed under our hands: the worker is gone
        } finally {
            lines.end();
            finished.run();
        }
    }

    private void forward(String line) {
        tail.add(line);
        try {
            log.accept(line);
        } catch (Throwable e) {
            // Not even an Error of a logger may stop the pump, and there is nowhere to report it.
        }
    }
}
