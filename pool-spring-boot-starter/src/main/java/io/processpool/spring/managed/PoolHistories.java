package io.processpool.spring.managed;

import io.processpool.ProcessPool;
import io.processpool.spring.ProcessPoolCustomizer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.core.Ordered;

/** Keeps a {@link PoolHistory} for each pool that is customized. Safe for use by many threads. */
public final class PoolHistories implements ProcessPoolCustomizer, Ordered {

    private final int size;
    private final Map<String, PoolHistory> histories = new ConcurrentHashMap<>();

    /**
     * Makes an empty collection.
     *
     * @param size how many events each history keeps
     */
    public PoolHistories(int size) {
        this.size = Math.max(0, size);
    }

    @Override
    public void customize(String name, ProcessPool.Builder builder) {
        builder.listener(of(name));
    }

    /**
     * Returns the history of a pool.
     *
     * @param name its name
     * @return its history, which is empty if nothing is known
     */
    public PoolHistory of(String name) {
        return histories.computeIfAbsent(name, any -> new PoolHistory(size));
    }

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }
}
