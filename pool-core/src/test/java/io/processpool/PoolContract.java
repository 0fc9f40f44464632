package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.processpool.testing.Gate;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Ledger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the tests of behaviour share that holds in every {@link Mode}. A subclass {@code XIT} runs them with processes;
 * {@link InlineModeTests} runs them without.
 *
 * <p>A lambda that is to travel must not use a field of the test: it would capture the test.
 */
@ExtendWith(LeavesNothingBehind.class)
abstract class PoolContract {

    /** Far more than anything here takes; reached only by a test that is about to fail. */
    static final Duration LONG = Duration.ofSeconds(30);

    /** Long enough for a result that is there, short enough to wait for one that is not. */
    static final Duration SHORT = Duration.ofMillis(50);

    private final Mode mode;

    @TempDir
    Path directory;

    PoolContract(Mode mode) {
        this.mode = mode;
    }

    final boolean inline() {
        return mode == Mode.INLINE;
    }

    final ProcessPool.Builder builder() {
        return configured(ProcessPool.builder().mode(mode));
    }

    /** Adds the settings with which all tests of the class run. */
    ProcessPool.Builder configured(ProcessPool.Builder builder) {
        return builder;
    }

    final ProcessPool pool(int workers) {
        return builder().workers(workers).build();
    }

    final Gate gate(String name) {
        return Gate.in(directory, name);
    }

    final Ledger ledger(String name) {
        return Ledger.in(directory, name);
    }

    /** Waits for the failure of a task and returns it without its wrapping. */
    static Throwable failureOf(Future<?> future) {
        Throwable wrapped = catchThrowable(() -> future.get(LONG.toMillis(), TimeUnit.MILLISECONDS));
        assertThat(wrapped).as("failure of %s", future).isInstanceOf(ExecutionException.class);
        return wrapped.getCause();
    }

    static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    static List<Integer> squares(int count) {
        return IntStream.range(0, count).map(Tasks::square).boxed().toList();
    }

    static MapOptions chunks(int size) {
        return MapOptions.defaults().chunkSize(size);
    }

    static long pid() {
        return ProcessHandle.current().pid();
    }
}
