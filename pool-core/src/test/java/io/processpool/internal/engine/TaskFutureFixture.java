package io.processpool.internal.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A handle whose job and whose callback executor are the test's. */
abstract class TaskFutureFixture {

    final ManualExecutor callbacks = new ManualExecutor();
    final List<Boolean> cancels = new ArrayList<>();
    final DefaultTaskFuture<String> future = new DefaultTaskFuture<>(7, callbacks, condition -> {}, cancels::add);
    final AtomicInteger decoded = new AtomicInteger();

    /** How a decoder ends. */
    interface Decoding {
        @Nullable
        String decode() throws Exception;
    }

    DefaultTaskFuture.Settled<String> settled(Decoding decoding) {
        return new DefaultTaskFuture.Settled<>() {
            @Override
            @Nullable
            String decode() throws Exception {
                decoded.incrementAndGet();
                return decoding.decode();
            }
        };
    }

    void succeed(@Nullable String value) {
        future.settle(settled(() -> value));
    }

    void fail(Exception failure) {
        future.settle(settled(() -> {
            throw failure;
        }));
    }
}
