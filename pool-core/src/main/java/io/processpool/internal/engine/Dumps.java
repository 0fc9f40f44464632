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

    /** More than this nobody reads, and a worker that is not trusted may send what it likes. */
    private static final int MAX_CHARS = 1 << 22;

    /** A request that was not answered yet. */
    private record Request(Worker worker, CompletableFuture<String> answer) {}

    private final AtomicLong nonces = new AtomicLong();
    private final Map<Long, Request> awaited = new ConcurrentHashMap<>();

    /** Asks a worker and waits for its answer. */
    String ask(Worker worker, String suffix) {
        Channel channel = worker.channel;
        if (channel == null) {
            throw new ProcessPoolException(worker + " has not connected yet " + suffix);
        }
        long nonce = nonces.incrementAndGet();
        CompletableFuture<String> answer = new CompletableFuture<>();
        awaited.put(nonce, new Request(worker, answer));
        try {
            channel.send(new Message.DumpRequest(nonce));
            String text = answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
            return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "\n... (cut)";
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

    /** An answer has arrived, or what a worker takes for one. */
    void answered(Worker worker, long nonce, String text) {
        Request request = awaited.get(nonce);
        if (request != null && request.worker() == worker) {
            request.answer().complete(text);
        }
    }
}
