package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.processpool.TaskCallable;
import io.processpool.TaskFunction;
import io.processpool.TaskSerializationException;
import io.processpool.internal.wire.FunctionKind;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FunctionsTests {

    private static final int CAPACITY = 512;

    private final Functions functions = new Functions();

    /** A function that differs from others by a number. */
    private record Numbered(int number) implements TaskFunction<Object, Object> {
        @Override
        public Object apply(Object argument) {
            return number;
        }
    }

    private FunctionRef register(int number) {
        return functions.register(new Numbered(number), FunctionKind.FUNCTION);
    }

    private static TaskFunction<Integer, Integer> adding(int number) {
        return argument -> argument + number;
    }

    @Test
    void register_equalFunctions_haveOneNumber() {
        assertThat(register(1)).isSameAs(register(1));
        assertThat(functions.register(adding(3), FunctionKind.FUNCTION))
                .isSameAs(functions.register(adding(3), FunctionKind.FUNCTION));
    }

    @Test
    void register_otherCaptureOrKind_hasAnotherNumber() {
        Set<Integer> ids = new HashSet<>();
        ids.add(register(1).id());
        ids.add(register(2).id());
        ids.add(functions.register(new Numbered(1), FunctionKind.BIFUNCTION).id());
        ids.add(functions.register(adding(1), FunctionKind.FUNCTION).id());
        ids.add(functions.register(adding(2), FunctionKind.FUNCTION).id());

        assertThat(ids).hasSize(5).allMatch(id -> id > 0);
    }

    @Test
    void register_otherCaptureOfTheSameCode_sharesWhatIsLearnt() {
        FunctionRef one = functions.register(adding(1), FunctionKind.FUNCTION);
        FunctionRef other = functions.register(adding(2), FunctionKind.FUNCTION);

        assertThat(one.estimate()).isSameAs(other.estimate());
        assertThat(register(1).estimate()).isNotSameAs(one.estimate());
    }

    @Test
    void register_anything_hasANameForPeople() {
        assertThat(register(1).name()).isEqualTo("FunctionsTests$Numbered");
        assertThat(functions.register(adding(1), FunctionKind.FUNCTION).name()).isEqualTo("FunctionsTests lambda");
    }

    @Test
    void register_notSerializable_isRefused() {
        Object captured = new Object();
        TaskFunction<Object, Object> bad = argument -> captured;

        assertThatExceptionOfType(TaskSerializationException.class)
                .isThrownBy(() -> functions.register(bad, FunctionKind.FUNCTION));
    }

    @Test
    void registerCallable_withoutCapture_hasANumber() {
        TaskCallable<Integer> callable = () -> 1;

        FunctionRef ref = functions.registerCallable(callable);

        assertThat(ref.id()).isPositive();
        assertThat(ref.kind()).isEqualTo(FunctionKind.CALLABLE);
        assertThat(functions.registerCallable(callable)).isSameAs(ref);
    }

    @Test
    void registerCallable_withCapture_travelsAsTheItem() {
        int captured = IntStream.range(0, 10).sum();
        TaskCallable<Integer> callable = () -> captured;

        FunctionRef ref = functions.registerCallable(callable);

        assertThat(ref.id()).isZero();
        assertThat(ref.encoded().length()).isPositive();
        assertThat(functions.registerCallable(callable).estimate()).isSameAs(ref.estimate());
    }

    @Test
    void drainEvicted_belowTheCapacity_isEmpty() {
        IntStream.range(0, CAPACITY).forEach(this::register);

        assertThat(functions.drainEvicted()).isEmpty();
    }

    @Test
    void drainEvicted_aboveTheCapacity_tellsThoseUsedLongestAgoOnce() {
        List<Integer> ids = IntStream.range(0, CAPACITY)
                .mapToObj(number -> register(number).id())
                .toList();
        register(0);

        register(CAPACITY);
        register(CAPACITY + 1);

        assertThat(functions.drainEvicted()).containsExactly(ids.get(1), ids.get(2));
        assertThat(functions.drainEvicted()).isEmpty();
        assertThat(register(0).id()).isEqualTo(ids.get(0));
        assertThat(register(1).id()).as("a number is never used twice").isNotIn(ids);
    }

    @Test
    void register_byManyThreads_givesEachFunctionOneNumber() throws Exception {
        Set<String> pairs = ConcurrentHashMap.newKeySet();
        Thread[] threads = new Thread[8];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> {
                for (int number = 0; number < 200; number++) {
                    pairs.add(number + "=" + register(number).id());
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(pairs).hasSize(200);
    }

    private static FunctionRef registerInPoolOf(ClassLoader application) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(application);
        Functions functions;
        try {
            functions = new Functions();
        } finally {
            thread.setContextClassLoader(before);
        }
        return functions.register(new Numbered(1), FunctionKind.FUNCTION);
    }

    @Test
    void register_libraryBelowTheApplication_findsClassesOfTheApplication() {
        ClassLoader library = Numbered.class.getClassLoader();
        ClassLoader server = new ClassLoader(library) {};
        ClassLoader application = new ClassLoader(server) {};

        assertThat(registerInPoolOf(application).loader()).isSameAs(application);
    }

    @Test
    void register_functionOfAnotherApplication_findsItsOwnClasses() {
        ClassLoader own = Numbered.class.getClassLoader();

        assertThat(registerInPoolOf(own).loader()).isSameAs(own);
        assertThat(registerInPoolOf(ClassLoader.getPlatformClassLoader()).loader())
                .isSameAs(own);
    }
}
