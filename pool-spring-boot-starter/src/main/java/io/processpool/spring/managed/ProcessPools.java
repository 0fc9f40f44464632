package io.processpool.spring.managed;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.processpool.ProcessPool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.DestructionAwareBeanPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;

/**
 * Knows every {@link ProcessPool} bean of the application context, whoever made it, from its creation to its destruction.
 * Safe for use by many threads.
 */
public final class ProcessPools implements DestructionAwareBeanPostProcessor, PriorityOrdered {

    /** Hears of pools that come and go. */
    public interface Observer {

        /**
         * There is a pool.
         *
         * @param name its name
         * @param pool the pool
         */
        void added(String name, ProcessPool pool);

        /**
         * A pool is about to end.
         *
         * @param name its name
         */
        void removed(String name);
    }

    @GuardedBy("this")
    private final Map<String, ProcessPool> pools = new LinkedHashMap<>();

    @GuardedBy("this")
    private final List<Observer> observers = new ArrayList<>();

    /** Makes an empty catalogue. */
    public ProcessPools() {}

    /** Before all that make proxies: a pool must be known as what it is. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof ProcessPool pool) {
            add(beanName, pool);
        }
        return bean;
    }

    private synchronized void add(String beanName, ProcessPool pool) {
        if (pools.values().stream().anyMatch(known -> known == pool)) {
            return; // another bean is the same pool
        }
        String own = pool.snapshot().name();
        String name = pools.containsKey(own) ? beanName : own;
        pools.put(name, pool);
        observers.forEach(observer -> observer.added(name, pool));
    }

    @Override
    public boolean requiresDestruction(Object bean) {
        return bean instanceof ProcessPool;
    }

    @Override
    public synchronized void postProcessBeforeDestruction(Object bean, String beanName) {
        List<String> names = pools.entrySet().stream()
                .filter(entry -> entry.getValue() == bean)
                .map(Map.Entry::getKey)
                .toList();
        for (String name : names) {
            pools.remove(name);
            observers.forEach(observer -> observer.removed(name));
        }
    }

    /**
     * Adds an observer, which hears at once of the pools that are there.
     *
     * @param observer the observer; it must be quick
     */
    public synchronized void observe(Observer observer) {
        observers.add(observer);
        pools.forEach(observer::added);
    }

    /**
     * Returns all pools by name, in the order of their creation.
     *
     * @return a copy
     */
    public synchronized Map<String, ProcessPool> all() {
        return new LinkedHashMap<>(pools);
    }

    /**
     * Returns one pool.
     *
     * @param name its name
     * @return the pool, or null if there is none of this name
     */
    public synchronized @Nullable ProcessPool find(String name) {
        return pools.get(name);
    }
}
