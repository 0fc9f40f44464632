package io.processpool.spring.managed;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.processpool.ProcessPool;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
 *
 * <p>Observers hear of pools one after the other, in the order in which those came and went, and with no lock held: what
 * they call may be the application's, such as the filters of a meter registry.
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

    /** What observers have not been told yet. */
    @GuardedBy("this")
    private final Deque<Runnable> news = new ArrayDeque<>();

    /** Whether a thread is telling them; it goes on until there is no more. */
    @GuardedBy("this")
    private boolean telling;

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

    private void add(String beanName, ProcessPool pool) {
        String own = pool.snapshot().name(); // with no lock held: it looks at processes
        synchronized (this) {
            if (isKnown(pool)) {
                return; // another bean is the same pool
            }
            String name = pools.containsKey(own) ? beanName : own;
            pools.put(name, pool);
            List<Observer> all = List.copyOf(observers);
            news.add(() -> all.forEach(observer -> observer.added(name, pool)));
        }
        tell();
    }

    @GuardedBy("this")
    @SuppressWarnings("ReferenceEquality") // the same object is meant
    private boolean isKnown(ProcessPool pool) {
        return pools.values().stream().anyMatch(known -> known == pool);
    }

    @Override
    public boolean requiresDestruction(Object bean) {
        return bean instanceof ProcessPool;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the same object is meant
    public void postProcessBeforeDestruction(Object bean, String beanName) {
        synchronized (this) {
            List<String> names = pools.entrySet().stream()
                    .filter(entry -> entry.getValue() == bean)
                    .map(Map.Entry::getKey)
                    .toList();
            pools.keySet().removeAll(names);
            List<Observer> all = List.copyOf(observers);
            news.add(() -> names.forEach(name -> all.forEach(observer -> observer.removed(name))));
        }
        tell();
    }

    /**
     * Adds an observer, which hears at once of the pools that are there.
     *
     * @param observer the observer
     */
    public void observe(Observer observer) {
        synchronized (this) {
            observers.add(observer);
            Map<String, ProcessPool> known = new LinkedHashMap<>(pools);
            news.add(() -> known.forEach(observer::added));
        }
        tell();
    }

    /** Tells the news, unless another thread is at it; or this one, if an observer makes a pool. */
    private void tell() {
        tell(nextNews(false));
    }

    /** One that fails keeps nobody from hearing the rest. */
    private void tell(@Nullable Runnable next) {
        if (next != null) {
            try {
                next.run();
            } finally {
                tell(nextNews(true));
            }
        }
    }

    private synchronized @Nullable Runnable nextNews(boolean mine) {
        if (telling && !mine) {
            return null;
        }
        Runnable next = news.poll();
        telling = next != null;
        return next;
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
