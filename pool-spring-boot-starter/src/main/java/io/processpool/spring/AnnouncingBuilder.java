package io.processpool.spring;

import io.processpool.PoolSnapshot;
import io.processpool.PoolState;
import io.processpool.ProcessPool;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A builder that knows what its pool will show of itself, long before the pool is built, whoever says so: the properties or
 * a customizer. It is a proxy, for it has nothing to do with most settings.
 */
final class AnnouncingBuilder implements InvocationHandler {

    private final ProcessPool.Builder target = ProcessPool.builder();
    private final ProcessPool.Builder proxy = (ProcessPool.Builder) Proxy.newProxyInstance(
            AnnouncingBuilder.class.getClassLoader(), new Class<?>[] {ProcessPool.Builder.class}, this);

    private int workers = Runtime.getRuntime().availableProcessors();
    private int queueCapacity = PoolSettings.QUEUE_CAPACITY;
    private boolean untrusted;

    AnnouncingBuilder() {}

    /** Returns the builder. */
    ProcessPool.Builder builder() {
        return proxy;
    }

    @Override
    public @Nullable Object invoke(Object self, Method method, Object @Nullable [] arguments) throws Throwable {
        Object result;
        try {
            result = method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        if (arguments != null && method.getName().equals("untrusted")) {
            untrusted = (Boolean) arguments[0];
        } else if (arguments != null && arguments[0] instanceof Integer number) {
            switch (method.getName()) {
                case "workers" -> workers = number;
                case "queueCapacity" -> queueCapacity = number;
                default -> {}
            }
        }
        return result == target ? proxy : result;
    }

    /** Returns what the pool shows as long as it has not been used. */
    PoolSnapshot unused(String name) {
        return new PoolSnapshot(
                name, PoolState.RUNNING, workers, List.of(), 0, 0, queueCapacity, 0, 0, 0, 0, 0, 0, 0, null, untrusted);
    }
}
