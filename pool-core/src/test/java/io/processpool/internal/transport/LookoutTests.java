package io.processpool.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.FunctionKind;
import io.processpool.internal.wire.Message;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that look for messages by themselves; on a single processor none does. */
@Timeout(60)
class LookoutTests extends SharedMemoryFixture {

    private Lookout lookout;

    @BeforeEach
    void switchOver() throws Exception {
        assumeThat(Runtime.getRuntime().availableProcessors()).isGreaterThan(1);
        switchBoth();
        lookout = here.loop().lookout();
    }

    @Test
    void until_aMessageComes_isHeardByTheCallingThread() throws Exception {
        AtomicInteger calls = new AtomicInteger();

        boolean holds = lookout.until(
                () -> {
                    if (calls.getAndIncrement() == 0) {
                        worker.send(new Message.Ping(5)); // somebody looks: no bell
                    }
                    return heard.thread() == Thread.currentThread();
                },
                0);

        assertThat(holds).isTrue();
        assertThat(lookout.isTaken()).isFalse();
        assertThat(heard.next()).isEqualTo(new Message.Ping(5));
    }

    @Test
    void until_itHasEnded_theLoopIsWokenAgain() throws Exception {
        lookout.until(() -> true, 0);
        lookout.until(() -> false, 0);

        for (int i = 0; i < 100; i++) {
            worker.send(new Message.Ping(i));
            assertThat(heard.next()).isEqualTo(new Message.Ping(i));
            assertThat(heard.thread()).isSameAs(here.thread());
        }
    }

    @Test
    void until_theConditionThrows_theLoopIsWokenAgain() throws Exception {
        assertThatIllegalStateException()
                .isThrownBy(() -> lookout.until(
                        () -> {
                            throw new IllegalStateException("a bug");
                        },
                        0));

        assertThat(lookout.isTaken()).isFalse();
        worker.send(new Message.Ping(1));
        assertThat(heard.next()).isEqualTo(new Message.Ping(1));
    }

    @Test
    void until_theMessageComesJustBeforeItEnds_isHeard() throws Exception {
        for (int i = 0; i < 1000; i++) {
            Message ping = new Message.Ping(i);
            lookout.until(
                    () -> {
                        if (lookout.isTaken()) {
                            worker.send(ping); // nobody is woken for it, and the look ends at once
                        }
                        return true;
                    },
                    0);
            assertThat(heard.next()).isEqualTo(ping);
        }
    }

    @Test
    void until_itWillTakeLong_doesNotLook() {
        AtomicInteger calls = new AtomicInteger();

        assertThat(lookout.until(() -> calls.incrementAndGet() > 1, Lookout.MAX_EXPECTED_NANOS + 1))
                .isFalse();
    }

    @Test
    void until_thereIsNoSharedMemory_doesNotLook() {
        AtomicInteger calls = new AtomicInteger();

        assertThat(new Lookout().until(() -> calls.incrementAndGet() > 1, 0)).isFalse();
    }

    @Test
    void until_anotherThreadLooks_doesNot() {
        AtomicInteger calls = new AtomicInteger();

        boolean holds = lookout.until(
                () -> {
                    if (lookout.isTaken()) {
                        lookout.until(() -> calls.incrementAndGet() > 100, 0);
                    }
                    return true;
                },
                0);

        assertThat(holds).isTrue();
        assertThat(calls).as("asked without looking").hasValue(1);
    }

    @Test
    void until_inVain_doesNotLookTheNextTime() {
        assertThat(lookout.until(() -> false, 0)).isFalse();

        AtomicInteger calls = new AtomicInteger();
        assertThat(lookout.until(() -> calls.incrementAndGet() > 1, 0)).isFalse();
        calls.set(0);
        assertThat(lookout.until(() -> calls.incrementAndGet() > 1, 0)).isTrue();
    }

    /** Messages come all the time, none of them what the caller waits for. */
    @Test
    void until_interrupted_ends() {
        AtomicInteger calls = new AtomicInteger();

        boolean holds = lookout.until(
                () -> {
                    worker.send(new Message.Ping(0));
                    if (calls.incrementAndGet() == 10) {
                        Thread.currentThread().interrupt();
                    }
                    return false;
                },
                0);

        assertThat(holds).isFalse();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void busy_whatCanWait_isHeardWhenTheThreadLooks() throws Exception {
        lookout.busy();
        worker.send(new Message.Function(1, FunctionKind.CALLABLE, Bytes.EMPTY));
        lookout.look();

        assertThat(heard.next()).isInstanceOf(Message.Function.class);
        assertThat(heard.thread()).isSameAs(Thread.currentThread());
    }

    @Test
    void busy_whatCannotWait_isHeardByTheLoopAndAllBeforeIt() throws Exception {
        lookout.busy();
        worker.send(new Message.Function(1, FunctionKind.CALLABLE, Bytes.EMPTY));
        worker.send(new Message.Ping(2));

        assertThat(heard.next()).isInstanceOf(Message.Function.class);
        assertThat(heard.next()).isEqualTo(new Message.Ping(2));
        assertThat(heard.thread()).isSameAs(here.thread());
    }

    @Test
    void rest_afterBusy_hearsWhatHasComeMeanwhile() throws Exception {
        lookout.busy();
        worker.send(new Message.Function(1, FunctionKind.CALLABLE, Bytes.EMPTY));
        lookout.rest();

        assertThat(heard.next()).isInstanceOf(Message.Function.class);
    }

    @Test
    void look_theConnectionHasEnded_isOfNoUseAnyMore() throws Exception {
        pool.close();
        heard.awaitClosed();
        AtomicInteger calls = new AtomicInteger();

        assertThat(lookout.until(() -> calls.incrementAndGet() > 1, 0)).isFalse();
        lookout.look();
        lookout.busy();
        lookout.rest();
        here.stop();
        heard.assertHeardOfOneEndByAnyThread();
    }
}
