package io.processpool.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.wire.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkerBatchTests {

    private static WorkerBatch batch(int count) throws Exception {
        return new WorkerBatch(new Message.Tasks(1, 1, count, Bytes.EMPTY, Bytes.EMPTY), null);
    }

    @Test
    void recall_someClaimed_tellsOfTheRestWhichIsNotClaimedAnyMore() throws Exception {
        WorkerBatch batch = batch(3);
        List<Integer> told = new ArrayList<>();
        assertThat(batch.claim()).isZero();

        batch.recall(told::add);

        assertThat(told).containsExactly(1);
        assertThat(batch.exhausted()).isTrue();
        assertThat(batch.claim()).isNegative();
        batch.awaitRecall();
    }

    // Else a result of the next batch could overtake, and the pool would take it for nonsense and kill the worker.
    @Test
    void awaitRecall_thePoolIsJustBeingTold_waitsForThat() throws Exception {
        WorkerBatch batch = batch(2);
        CountDownLatch telling = new CountDownLatch(1);
        CountDownLatch told = new CountDownLatch(1);
        List<String> order = new ArrayList<>();
        CompletableFuture<Void> channel = CompletableFuture.runAsync(() -> batch.recall(from -> {
            telling.countDown();
            awaitUninterruptibly(told);
            synchronized (order) {
                order.add("told of " + from);
            }
        }));
        telling.await();

        Thread runner = new Thread(() -> {
            assertThat(batch.claim()).isNegative();
            batch.awaitRecall();
            synchronized (order) {
                order.add("next batch");
            }
        });
        runner.start();
        await().until(() -> runner.getState() == Thread.State.WAITING);
        told.countDown();
        channel.get(30, TimeUnit.SECONDS);
        runner.join();

        assertThat(order).containsExactly("told of 0", "next batch");
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
