package io.processpool.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.TaskFunction;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.FunctionCodec;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.transport.Lookout;
import io.processpool.internal.wire.FlightRecorder;
import io.processpool.internal.wire.FunctionKind;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ResultRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WorkerSessionTests {

    private static final List<Integer> RAN = new CopyOnWriteArrayList<>();

    @TempDir
    private Path directory;

    private final CompletableFuture<Thread> runner = new CompletableFuture<>();
    private final List<Message> sent = new CopyOnWriteArrayList<>();

    private static Message.Tasks tasks(int batch, int... arguments) {
        BytesOut items = new BytesOut();
        for (int argument : arguments) {
            BytesOut item = new BytesOut();
            new ValueCodec(null).encode(argument, item, "argument");
            items.writeVarLong(item.length());
            items.write(item.take());
        }
        return new Message.Tasks(batch, 1, arguments.length, Bytes.EMPTY, items.take());
    }

    static void ran(int argument) {
        RAN.add(argument);
    }

    /** The pool takes the item that has begun last, and is not finished, for what the worker has died of. */
    @Test
    void results_channelEndsBeforeTheyAreSent_nothingElseBeginsAndTheyStayInTheRecorder() throws Exception {
        RAN.clear();
        TaskFunction<Integer, Integer> function = number -> {
            ran(number);
            long end = System.nanoTime() + 1_000_000; // so long that its result leaves at once
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            return number;
        };
        byte[] encoded = FunctionCodec.encode(function, "function").bytes();
        Path file = directory.resolve("recorder");
        FlightRecorder.create(file);
        WorkerSession session = new WorkerSession(new Surroundings());
        session.connect(new ClosedChannel());
        session.onMessage(new Message.Welcome("pool", 0, 1, file.toString(), null, null, null, false));
        session.onMessage(new Message.Function(1, FunctionKind.FUNCTION, Bytes.of(encoded)));
        session.onMessage(tasks(1, 10, 11));
        session.onMessage(tasks(2, 20, 21));

        await().until(() -> runner.isDone() && !runner.get().isAlive());
        session.onClosed(null);

        assertThat(RAN).containsExactly(10);
        FlightRecorder.Contents contents = FlightRecorder.read(file);
        assertThat(contents.finished()).extracting(ResultRecord::index).containsExactly(0);
        assertThat(contents.batch()).isEqualTo(1);
        assertThat(contents.index()).as("which has finished").isZero();
        assertThat(sent).last().as("no goodbye").isInstanceOf(Message.Results.class);
    }

    private final class ClosedChannel implements Channel {

        @Override
        public void enqueue(Message message) {
            sent.add(message);
        }

        @Override
        public boolean flush() {
            return false;
        }

        @Override
        public boolean awaitDrained() {
            return false;
        }

        @Override
        public void close() {
            throw new AssertionError("is closed");
        }
    }

    private final class Surroundings implements Host {

        private final Lookout lookout = new Lookout();

        @Override
        public Lookout lookout() {
            return lookout;
        }

        @Override
        public void enter(SessionContext context) {
            runner.complete(Thread.currentThread());
        }

        @Override
        public void exit(int code) {
            throw new AssertionError("nobody has told it to go");
        }

        @Override
        public void outOfMemory(OutOfMemoryError error) {
            throw error;
        }

        @Override
        public void channelClosed() {
            // a process would end
        }

        @Override
        public void failed(Throwable cause) {
            throw new AssertionError(cause);
        }
    }
}
