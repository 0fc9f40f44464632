package io.processpool.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OverdueSenderTests {

    private final RunningItem running = new RunningItem();
    private final AtomicInteger rounds = new AtomicInteger();
    private final OverdueSender sender = new OverdueSender(running, rounds::incrementAndGet);

    @AfterEach
    void letItSleep() {
        sender.end();
    }

    private void awaitRound() {
        int before = rounds.get();
        await("a round").until(() -> rounds.get() > before);
    }

    @Test
    void begin_afterItHasFallenAsleep_wakesIt() {
        running.begin(1, 0);
        sender.begin();
        awaitRound();

        sender.end();
        await("sleep").until(() -> !sender.isAwake());
        sender.begin();
        awaitRound();

        assertThat(sender.isAwake()).isTrue();
    }
}
