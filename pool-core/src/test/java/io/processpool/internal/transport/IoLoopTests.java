package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class IoLoopTests {

    private static final int PATIENCE_SECONDS = 20;

    private RunningLoop running;
    private IoLoop loop;
    private final List<Pipe> pipes = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        running = new RunningLoop();
        loop = running.loop();
    }

    @AfterEach
    void stop() throws Exception {
        running.stop();
        for (Pipe pipe : pipes) {
            pipe.sink().close();
            pipe.source().close();
        }
    }

    /** A socket, of sorts, with what the loop tells its handler. */
    private final class Line implements IoLoop.Handler {

        private final Pipe pipe = Pipe.open();
        private final CompletableFuture<Integer> read = new CompletableFuture<>();
        private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
        private final @Nullable Throwable onReadyThrows;
        private final @Nullable RuntimeException onFailureThrows;

        Line(@Nullable Throwable onReadyThrows, @Nullable RuntimeException onFailureThrows) throws Exception {
            this.onReadyThrows = onReadyThrows;
            this.onFailureThrows = onFailureThrows;
            pipes.add(pipe);
            running.on(() -> loop.register(pipe.source(), SelectionKey.OP_READ, this));
        }

        void write(int value) throws IOException {
            pipe.sink().write(ByteBuffer.wrap(new byte[] {(byte) value}));
        }

        @Override
        public void onReady(SelectionKey key) throws IOException {
            if (onReadyThrows instanceof IOException e) {
                throw e;
            } else if (onReadyThrows instanceof RuntimeException e) {
                throw e;
            } else if (onReadyThrows instanceof Error e) {
                throw e;
            }
            ByteBuffer buffer = loop.readBuffer().clear();
            pipe.source().read(buffer);
            read.complete((int) buffer.get(0));
        }

        @Override
        public void onFailure(Throwable cause) {
            try {
                pipe.source().close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            failure.complete(cause);
            if (onFailureThrows != null) {
                throw onFailureThrows;
            }
        }

        void assertWorks() throws Exception {
            write(2);
            assertThat(read.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(2);
            assertThat(failure).isNotDone();
        }
    }

    static List<Throwable> failures() {
        return List.of(
                new IOException("broken"),
                new IllegalStateException("a bug"),
                new NoClassDefFoundError("a jar is gone"),
                new OutOfMemoryError("a message was too large"),
                new StackOverflowError());
    }

    @Test
    void register_socketBecomesReady_isTold() throws Exception {
        Line line = new Line(null, null);

        line.assertWorks();
    }

    @Test
    void execute_fromAnotherThread_runsOnTheThreadOfTheLoop() throws Exception {
        CompletableFuture<Thread> ran = new CompletableFuture<>();

        loop.execute(() -> ran.complete(Thread.currentThread()));

        assertThat(ran.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isSameAs(running.thread());
    }

    @Test
    void execute_fromTheLoop_runsAfterwards() throws Exception {
        CompletableFuture<String> ran = new CompletableFuture<>();

        loop.execute(() -> loop.execute(() -> loop.execute(() -> ran.complete("third"))));

        assertThat(ran.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("third");
    }

    @Test
    void execute_manyTimes_runsInOrder() throws Exception {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            int number = i;
            loop.execute(() -> order.add(number));
        }
        running.on(() -> {});

        assertThat(order).hasSize(1000).isSorted();
    }

    @Test
    void execute_beforeTheLoopRuns_runsWhenItDoes() throws Exception {
        IoLoop late = new IoLoop();
        CompletableFuture<String> ran = new CompletableFuture<>();
        late.execute(() -> ran.complete("yes"));
        Thread thread = new Thread(late, "test-late-loop");
        thread.start();

        assertThat(ran.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("yes");
        late.close();
        thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        assertThat(thread.isAlive()).isFalse();
    }

    /** One worker's socket must never end the conversation with all the others. */
    @ParameterizedTest
    @MethodSource("failures")
    void onReady_throws_endsThatSocketAndNoOther(Throwable thrown) throws Exception {
        Line failing = new Line(thrown, null);
        Line healthy = new Line(null, null);

        failing.write(1);

        assertThat(failing.failure.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isSameAs(thrown);
        healthy.assertWorks();
    }

    @Test
    void onFailure_throws_leavesTheOthersAlone() throws Exception {
        Line failing = new Line(new IOException("broken"), new IllegalStateException("a bug in a listener"));
        Line healthy = new Line(null, null);

        failing.write(1);
        failing.failure.get(PATIENCE_SECONDS, TimeUnit.SECONDS);

        healthy.assertWorks();
    }

    @Test
    void execute_commandThrows_leavesTheOthersAlone() throws Exception {
        Line healthy = new Line(null, null);

        loop.execute(() -> {
            throw new IllegalStateException("a bug in a command");
        });

        healthy.assertWorks();
    }

    /** A command that throws, told to somebody for whom there is no memory either: that is nobody's failure in particular. */
    private void failTurns(int times) {
        running.thread().setUncaughtExceptionHandler((where, e) -> {
            throw new OutOfMemoryError("Java heap space");
        });
        AtomicInteger left = new AtomicInteger(times);
        loop.execute(new Runnable() {
            @Override
            public void run() {
                if (left.getAndDecrement() > 0) {
                    loop.execute(this); // for the next turn
                    throw new IllegalStateException("a bug in a command");
                }
            }
        });
    }

    @Test
    void turn_noMemoryForAMoment_goesOn() throws Exception {
        Line line = new Line(null, null);

        failTurns(10);

        line.assertWorks();
    }

    @Test
    void turn_noMemoryForLong_tellsAllAndEnds() throws Exception {
        Line line = new Line(null, null);
        running.on(() -> Thread.currentThread().interrupt()); // so that the pauses are short

        failTurns(1_000_000);

        assertThat(line.failure.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isInstanceOf(OutOfMemoryError.class);
        running.thread().join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        assertThat(running.thread().isAlive()).isFalse();
    }

    @Test
    void close_withSockets_tellsAllAndEnds() throws Exception {
        Line one = new Line(null, null);
        Line other = new Line(null, null);

        loop.close();
        loop.close();

        for (Line line : List.of(one, other)) {
            assertThat(line.failure.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isInstanceOf(IOException.class)
                    .hasMessage("the pool has closed its channels");
        }
        running.close();
    }

    @Test
    void close_oneSocketFailsToEnd_tellsTheOthersNevertheless() throws Exception {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            lines.add(new Line(null, new IllegalStateException("a bug in a listener")));
        }

        running.stop();

        assertThat(lines).allSatisfy(line -> assertThat(line.failure).isDone());
    }

    @Test
    void execute_afterTheEnd_doesNothing() throws Exception {
        running.close();

        loop.execute(() -> {
            throw new AssertionError("ran");
        });
        loop.close();
    }
}
