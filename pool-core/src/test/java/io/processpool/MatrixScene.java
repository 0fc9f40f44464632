package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.testing.Signs;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A pool in some state that is about to be ended, with the handles of its tasks. */
final class MatrixScene {

    final Signs signs;
    final List<TaskFuture<?>> tasks = new ArrayList<>();
    final List<ResultIterator<?>> iterators = new ArrayList<>();

    private final String name;
    private final UnaryOperator<ProcessPool.Builder> settings;
    private @Nullable ProcessPool pool;

    MatrixScene(Signs signs, String name, UnaryOperator<ProcessPool.Builder> settings) {
        this.signs = signs;
        this.name = name;
        this.settings = settings;
    }

    ProcessPool.Builder builder() {
        return settings.apply(ProcessPool.builder().name(name).workers(2));
    }

    void submitGated(ProcessPool to, String begun) {
        Signs travelling = signs;
        tasks.add(to.applyAsync(() -> Deeds.gated(travelling, begun, "go")));
    }

    /** Brings the pool into a state. */
    void enter(MatrixState state) {
        pool = state.enter(this);
    }

    ProcessPool pool() {
        assertThat(pool).isNotNull();
        return pool;
    }

    /** Forgets the pool: nobody here refers to it any more. */
    void drop() {
        pool = null;
    }

    /** Reads all iterators to their ends, which come. */
    void exhaust() {
        iterators.forEach(MatrixScene::exhaust);
    }

    private static void exhaust(ResultIterator<?> iterator) {
        boolean more = true;
        while (more) {
            try {
                more = iterator.hasNext();
                if (more) {
                    iterator.next();
                }
            } catch (PoolClosedException e) {
                assertThat(iterator.hasNext()).isFalse();
            }
        }
    }
}
