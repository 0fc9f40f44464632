package io.processpool;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.Message;
import io.processpool.testing.Signs;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.LoggerFactory;

/**
 * The main class of a JVM with little memory and a pool, one of whose workers says far more than fits into that. The first
 * argument names how, the second is a directory for signs, the third the name of the pool. Says how much the other worker
 * has done meanwhile.
 */
final class FloodScenario {

    /** More than the heap of this process. */
    private static final long BYTES = 128L << 20;

    private static final int MESSAGES = 400_000;

    /** The ways to say too much. */
    enum Flood {
        LINES {
            @Override
            void pour() {
                print(System.out, "a line like any other, of which there are too many\n");
            }
        },
        LINES_OF_ERRORS {
            @Override
            void pour() {
                print(System.err, "an error like any other, of which there are too many\n");
            }
        },
        ONE_LINE_WITHOUT_END {
            @Override
            void pour() {
                print(System.out, "and so on ");
            }
        },
        PROGRESS {
            @Override
            void pour() {
                Channel channel = Deeds.channel();
                long item = Deeds.runningItem();
                for (int i = 0; i < MESSAGES; i++) {
                    channel.enqueue(new Message.Progress((int) (item >>> 32), (int) item, i, MESSAGES));
                    if (i % 1000 == 0 && !channel.flush()) {
                        channel.awaitDrained(); // its own memory is not what this is about
                    }
                }
            }
        },
        PONGS {
            @Override
            void pour() {
                Channel channel = Deeds.channel();
                for (int i = 0; i < MESSAGES; i++) {
                    channel.enqueue(new Message.Pong(i));
                    if (i % 1000 == 0 && !channel.flush()) {
                        channel.awaitDrained();
                    }
                }
            }
        };

        /** In the worker. */
        abstract void pour();

        private static void print(PrintStream stream, String text) {
            byte[] block = text.repeat(8192 / text.length()).getBytes(StandardCharsets.US_ASCII);
            for (long written = 0; written < BYTES; written += block.length) {
                stream.write(block, 0, block.length);
            }
            stream.flush();
        }
    }

    /** Stands still until the end: what it is to hear must not gather without bounds. */
    private static final class StuckListener implements PoolListener {
        private final CountDownLatch released = new CountDownLatch(1);

        @Override
        public void taskProgress(TaskSnapshot task, long done, long total) {
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private FloodScenario() {}

    /** Messages that come faster than anybody could have asked for end the worker; how fast they come is the machine's. */
    private static void end(Flood flood, TaskFuture<Void> flooding) throws InterruptedException, TimeoutException {
        try {
            flooding.get(Lifecycle.PATIENCE);
        } catch (ExecutionException e) {
            boolean refused = e.getCause() instanceof WorkerLostException lost
                    && lost.getMessage().contains("more messages than anybody could have asked for");
            if (!refused || flood != Flood.PROGRESS && flood != Flood.PONGS) {
                throw new AssertionError(e);
            }
        }
    }

    public static void main(String[] args) throws Exception {
        Flood flood = Flood.valueOf(args[0]);
        Signs signs = Signs.in(Path.of(args[1]));
        ((Logger) LoggerFactory.getLogger("io.processpool.worker." + args[2])).setLevel(Level.OFF);
        StuckListener stuck = new StuckListener();
        int served = 0;
        try (ProcessPool pool = ProcessPool.builder()
                .name(args[2])
                .workers(2)
                .listener(stuck)
                .startTimeout(Duration.ofSeconds(60))
                .build()) {
            TaskFuture<Void> flooding = pool.applyAsync(() -> {
                signs.give("flooding");
                flood.pour();
                signs.await("enough");
                flood.pour();
                return null;
            });
            signs.expect("flooding");
            while (served < 100) {
                served += pool.apply(Arrays::hashCode, new byte[] {1}) == Arrays.hashCode(new byte[] {1}) ? 1 : 0;
            }
            signs.give("enough");
            end(flood, flooding);
            stuck.released.countDown();
        }
        System.out.println("served " + served);
    }
}
