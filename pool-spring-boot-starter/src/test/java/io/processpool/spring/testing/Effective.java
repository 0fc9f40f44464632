package io.processpool.spring.testing;

import io.processpool.ProcessPool;
import io.processpool.spring.ProcessPoolCustomizer;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.core.Ordered;

/**
 * What the pools of a context are built with, in the end. It looks into the builder, so nothing has to be started and a
 * value that did not arrive cannot hide behind a default.
 */
public final class Effective implements ProcessPoolCustomizer, Ordered {

    private final Map<String, ProcessPool.Builder> builders = new ConcurrentHashMap<>();

    @Override
    public void customize(String name, ProcessPool.Builder builder) {
        builders.put(name, builder);
    }

    @Override
    public int getOrder() {
        return LOWEST_PRECEDENCE;
    }

    /**
     * Returns one setting of a pool.
     *
     * @param pool the name of the pool
     * @param path the components of the pool's configuration record that lead there, such as {@code launch.maxHeap}
     */
    public Object setting(String pool, String path) {
        ProcessPool.Builder builder = builders.get(pool);
        if (builder == null) {
            throw new IllegalArgumentException("no pool '" + pool + "' was built, but " + builders.keySet());
        }
        Object value = call(target(builder), "config");
        for (String component : path.split("\\.")) {
            value = call(value, component);
        }
        return value;
    }

    private static Object target(ProcessPool.Builder builder) {
        try {
            Object announcing = Proxy.getInvocationHandler(builder);
            Field target = announcing.getClass().getDeclaredField("target");
            target.setAccessible(true);
            return target.get(announcing);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(builder + " is not what customizers get", e);
        }
    }

    private static Object call(Object target, String name) {
        try {
            Method method = target.getClass().getDeclaredMethod(name);
            method.setAccessible(true);
            return method.invoke(target);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(target.getClass() + " has no " + name, e);
        }
    }
}
