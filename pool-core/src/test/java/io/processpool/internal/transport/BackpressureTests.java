package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.Message;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A reader that does not read: nothing blocks, nothing is lost, and waiting for it ends. */
@Timeout(60)
class BackpressureTests extends SocketConnectionFixture {

    /** Sends until the socket takes no more; returns how many messages of 64 KiB that were. */
    private static int fillUp(SocketConnection sender) {
        int sent = 0;
        boolean taken = true;
        while (taken) {
            assertThat(sent).as("messages that the socket took").isLessThan(10_000);
            sender.enqueue(new Message.Stack(1, sent++, Bytes.of(new byte[65_536])));
            taken = sender.flush();
        }
        return sent;
    }

    private Thread awaitDrainedInAThread(SocketConnection sender) {
        Thread drain = start("drain", sender::awaitDrained);
        await().until(() -> drain.getState() == Thread.State.WAITING);
        return drain;
    }

    @Test
    void flush_readerDoesNotRead_returnsFalseAndLosesNothing() throws Exception {
        SocketConnection sender = open();

        int sent = fillUp(sender);
        sender.send(new Message.Ping(99));
        assertThat(sender.flush()).isFalse();

        RecordingListener reader = new RecordingListener();
        openThere(reader);
        for (int i = 0; i < sent; i++) {
            assertThat(((Message.Stack) reader.next()).index()).isEqualTo(i);
        }
        assertThat(reader.next()).isEqualTo(new Message.Ping(99));
        await().until(sender::flush);
    }

    @Test
    void awaitDrained_readerBeginsToRead_returns() throws Exception {
        SocketConnection sender = open();
        fillUp(sender);
        Thread drain = awaitDrainedInAThread(sender);

        openThere(new RecordingListener());

        assertEnds(drain);
        assertThat(sender.flush()).isTrue();
    }

    @Test
    void awaitDrained_channelIsClosedHere_returns() throws Exception {
        SocketConnection sender = open();
        fillUp(sender);
        Thread drain = awaitDrainedInAThread(sender);

        sender.close();

        assertEnds(drain);
        heard.awaitClosed();
    }

    @Test
    void awaitDrained_otherSideDies_returns() throws Exception {
        SocketConnection sender = open();
        fillUp(sender);
        Thread drain = awaitDrainedInAThread(sender);

        thereSocket.close();

        assertEnds(drain);
        heard.awaitClosed();
    }

    @Test
    void awaitDrained_loopIsClosed_returns() throws Exception {
        SocketConnection sender = open();
        fillUp(sender);
        Thread drain = awaitDrainedInAThread(sender);

        here.stop();

        assertEnds(drain);
        assertThat(heard.awaitClosed()).hasMessage("the pool has closed its channels");
    }

    @Test
    void awaitDrained_interrupted_waitsOnAndKeepsTheInterrupt() throws Exception {
        SocketConnection sender = open();
        fillUp(sender);
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread drain = start("drain", () -> {
            sender.awaitDrained();
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        await().until(() -> drain.getState() == Thread.State.WAITING);

        drain.interrupt();
        openThere(new RecordingListener());

        assertEnds(drain);
        assertThat(interrupted).isTrue();
        assertThat(sender.flush()).isTrue();
        assertThat(heard.isClosed()).isFalse();
    }

    @Test
    void awaitDrained_nothingInLineOrClosed_returnsAtOnce() throws Exception {
        SocketConnection sender = open();
        assertThat(sender.awaitDrained()).isTrue();

        sender.close();
        heard.awaitClosed();
        sender.enqueue(new Message.Ping(1));
        assertThat(sender.awaitDrained()).isFalse();
    }

    @Test
    void awaitDrained_manyWaiters_allReturn() throws Exception {
        SocketConnection sender = open();
        fillUp(sender);
        for (int i = 0; i < 8; i++) {
            awaitDrainedInAThread(sender);
        }

        openThere(new RecordingListener());

        joinThreads();
    }

    @Test
    void awaitDrained_afterEachMessageOfManyThreads_neverMissesItsWakeUp() throws Exception {
        openThere(new RecordingListener());
        SocketConnection sender = open();
        for (int i = 0; i < 4; i++) {
            start("sender-" + i, () -> {
                for (int j = 0; j < 500; j++) {
                    sender.send(new Message.Results(Bytes.of(new byte[40_000])));
                    sender.awaitDrained();
                }
            });
        }

        joinThreads();
        assertThat(sender.flush()).isTrue();
    }
}
