package io.processpool.internal.engine;

import io.processpool.ProcessPoolException;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.Message;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** Thread dumps that workers were asked for. */
final class Dumps {

    private static final int WAIT_SECONDS = 5;

    private final AtomicLong nonces = new AtomicLong();
    private final Map<Long, CompletableFuture<String>> awaited = new ConcurrentHashMap<>();

    /** Asks a worker and waits for its answer. */
    String ask(Worker worker, String suffix) {
        Channel channel = worker.channel;
        if (channel == null) {
            throw new ProcessPoolException(worker + " has not connected yet " + suffix);
        }
        long nonce = nonces.incrementAndGet();
        CompletableFuture<String> answer = new CompletableFuture<>();
        awaited.put(nonce, answer);
        try {
            channel.send(new Message.DumpRequest(nonce));
            return answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new ProcessPoolException(
                    worker + " did not answer within " + WAIT_SECONDS + " s; it may be stopped or overloaded " + suffix,
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProcessPoolException(
                    "interrupted while waiting for the thread dump of " + worker + " " + suffix, e);
        } finally {
            awaited.remove(nonce);
        }
    }

    /** An answer has arrived. */
    void answered(long nonce, String text) {
        CompletableFuture<String> answer = awaited.get(nonce);
        if (answer != null) {
            answer.complete(text);
        }
    }
}
