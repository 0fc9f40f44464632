package io.processpool.internal.process;

import io.processpool.internal.Allowance;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.MDC;

/**
 * Reads a stream of a worker until its end, line by line, into the tail and into the log. It must always read: a worker
 * whose output is not read stands still as soon as the pipe is full.
 */
final class OutputPump implements Runnable {

    private static final int BUFFER = 8 * 1024;

    /** More than anybody writes who wants to be read; what a worker gone wild writes would fill the disk of the log. */
    static final int BURST_LINES = 20_000;

    static final int LINES_PER_SECOND = 2_000;
    static final int BURST_BYTES = 16 << 20;
    private static final int BYTES_PER_SECOND = 2 << 20;

    private final InputStream in;
    private final LineTail tail;
    private final Consumer<String> log;
    private final Map<String, String> context;
    private final Runnable finished;
    private final LongSupplier clock;
    private final Allowance lines;
    private final Allowance bytes;
    private long leftOut;

    /**
     * Makes a pump.
     *
     * @param in what to read, closed at the end
     * @param tail keeps the last lines
     * @param log takes each line; may throw
     * @param context the logging context (MDC) of each line
     * @param finished runs at the end
     * @param clock nanoseconds, as {@link System#nanoTime} tells them
     */
    OutputPump(
            InputStream in,
            LineTail tail,
            Consumer<String> log,
            Map<String, String> context,
            Runnable finished,
            LongSupplier clock) {
        this.in = in;
        this.tail = tail;
        this.log = log;
        this.context = context;
        this.finished = finished;
        this.clock = clock;
        this.lines = new Allowance(BURST_LINES, LINES_PER_SECOND, clock.getAsLong());
        this.bytes = new Allowance(BURST_BYTES, BYTES_PER_SECOND, clock.getAsLong());
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
        LineSplitter splitter = new LineSplitter(charset(), this::forward);
        try (in) {
            context.forEach(MDC::put);
            byte[] buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                splitter.accept(buffer, count);
            }
        } catch (IOException e) {
            // closed under our hands: the worker is gone
        } finally {
            splitter.end();
            if (leftOut > 0) {
                log("(" + leftOut + " lines were left out of the log: too many at once)");
            }
            finished.run();
        }
    }

    /** Into the tail always, into the log as long as it is not too much: bytes that were read, or more if some were escaped. */
    private void forward(String line, int read) {
        tail.add(line);
        long now = clock.getAsLong();
        if (!lines.take(1, now) || !bytes.take(Math.max(read, line.length()), now)) {
            leftOut++;
            return;
        }
        if (leftOut > 0) {
            log("(" + leftOut + " lines were left out of the log: too many at once)");
            leftOut = 0;
        }
        log(line);
    }

    private void log(String line) {
        try {
            log.accept(line);
        } catch (Throwable e) {
            // Not even an Error of a logger may stop the pump, and there is nowhere to report it.
        }
    }
}
