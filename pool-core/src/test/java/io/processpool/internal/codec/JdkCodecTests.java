package io.processpool.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class JdkCodecTests {

    private static final ClassLoader LOADER = JdkCodecTests.class.getClassLoader();

    @Test
    void decode_classesOfGivenLoader_areFoundAlsoAsArraysAndClassObjects(@TempDir Path directory) throws Exception {
        try (var loader = ClassesFromSource.compile(
                directory, "Order", "public class Order implements java.io.Serializable {}")) {
            Object order = ClassesFromSource.instance(loader, "Order");
            Object array = Array.newInstance(order.getClass(), 2);
            Array.set(array, 0, order);

            assertThat(roundTrip(order, loader)).isInstanceOf(order.getClass());
            assertThat(roundTrip(array, loader)).isInstanceOf(array.getClass());
            assertThat(roundTrip(array.getClass(), loader)).isSameAs(array.getClass());
            assertThatThrownBy(() -> roundTrip(array, LOADER))
                    .isInstanceOf(ClassNotFoundException.class)
                    .hasMessageContaining("elsewhere.Order");
        }
    }

    @Test
    void decode_primitiveClassObjects_areResolved() throws Exception {
        for (Class<?> type : List.of(
                boolean.class,
                byte.class,
                char.class,
                short.class,
                int.class,
                long.class,
                float.class,
                double.class,
                void.class,
                int[].class)) {
            assertThat(roundTrip(type, LOADER)).isSameAs(type);
        }
    }

    @Test
    void decode_proxyOfPublicAndHiddenInterfaces_works(@TempDir Path directory) throws Exception {
        Object proxy = Proxy.newProxyInstance(LOADER, new Class<?>[] {Secret.class, Comparable.class}, new Answer());
        assertThat(((Secret) roundTrip(proxy, LOADER)).tell()).isEqualTo("answer");

        try (var loader = ClassesFromSource.compile(
                directory, "Api", "public interface Api extends java.util.function.Supplier<String> {}")) {
            Object other =
                    Proxy.newProxyInstance(loader, new Class<?>[] {loader.loadClass("elsewhere.Api")}, new Answer());
            assertThat(roundTrip(other, loader)).isInstanceOf(loader.loadClass("elsewhere.Api"));
            // The loader is not the one of the package of the hidden interface, but knows it.
            assertThat(((Secret) roundTrip(proxy, loader)).tell()).isEqualTo("answer");
            assertThatThrownBy(() -> roundTrip(other, LOADER)).isInstanceOf(ClassNotFoundException.class);
        }
    }

    @Test
    @SuppressWarnings({"JdkObsolete", "IdentityHashMapUsage", "IdentityHashMapBoxing"}) // Users have them.
    void decode_collectionsOfAllSizes_passTheGuardAgainstHugeArrays() throws Exception {
        for (int size : new int[] {0, 1, 2, 13, 1000, 100_000}) {
            List<Integer> numbers = new ArrayList<>(Collections.nCopies(size, 7));
            Map<Integer, Integer> map = new HashMap<>();
            for (int i = 0; i < size; i++) {
                map.put(i, 7);
            }
            assertThat(roundTrip(numbers, LOADER)).isEqualTo(numbers);
            assertThat(roundTrip(map, LOADER)).isEqualTo(map);
            assertThat(roundTrip(new HashMap<>(100_000), LOADER)).isEqualTo(Map.of());
            assertThat(roundTrip(new HashSet<>(1_000_000), LOADER)).isEqualTo(new HashSet<>());
            assertThat(roundTrip(new LinkedHashSet<>(map.keySet()), LOADER)).isEqualTo(map.keySet());
            assertThat(roundTrip(new Hashtable<>(map), LOADER)).isEqualTo(map);
            assertThat(roundTrip(new ConcurrentHashMap<>(map), LOADER)).isEqualTo(map);
            assertThat((PriorityQueue<?>) roundTrip(new PriorityQueue<>(map.keySet()), LOADER))
                    .hasSize(size);
            assertThat((ArrayDeque<?>) roundTrip(new ArrayDeque<>(numbers), LOADER))
                    .hasSize(size);
            assertThat((IdentityHashMap<?, ?>) roundTrip(new IdentityHashMap<>(map), LOADER))
                    .hasSize(size);
            assertThat(roundTrip(List.copyOf(numbers), LOADER)).isEqualTo(numbers);
            assertThat(roundTrip(Map.copyOf(map), LOADER)).isEqualTo(map);
            assertThat((boolean[][]) roundTrip(new boolean[][] {new boolean[size]}, LOADER))
                    .hasDimensions(1, size);
        }
    }

    @Test
    void decode_filterOfArrays_isAskedForLengths() throws IOException {
        BytesOut out = new BytesOut();
        JdkCodec.INSTANCE.encode(new Object[50], out);
        Bytes bytes = out.take();

        assertThatThrownBy(() -> JdkCodec.INSTANCE.decode(
                        bytes.open(), LOADER, ObjectInputFilter.Config.createFilter("maxarray=49")))
                .isInstanceOf(InvalidClassException.class)
                .hasMessage("rejected by the resultFilter: class java.lang.Object[] of length 50");
    }

    @Test
    void decode_ordinaryStream_worksToo() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        JdkCodec.INSTANCE.encode(List.of(1), out);

        assertThat(JdkCodec.INSTANCE.decode(new ByteArrayInputStream(out.toByteArray()), LOADER, null))
                .isEqualTo(List.of(1));
    }

    @Test
    void serialize_itself_staysTheSameInstance() throws Exception {
        assertThat(roundTrip(JdkCodec.INSTANCE, LOADER)).isSameAs(JdkCodec.INSTANCE);
    }

    private static Object roundTrip(Object value, ClassLoader loader) throws IOException, ClassNotFoundException {
        BytesOut out = new BytesOut();
        JdkCodec.INSTANCE.encode(value, out);
        return JdkCodec.INSTANCE.decode(out.take().open(), loader, null);
    }

    /** Not public, so a proxy of it belongs to its package. */
    interface Secret {
        String tell();
    }

    static final class Answer implements InvocationHandler, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) {
            return "answer";
        }
    }
}
