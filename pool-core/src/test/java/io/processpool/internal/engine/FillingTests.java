package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.scheduler.Chunk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FillingTests {

    /** Notes what is taken, item by item, in the order in which it is counted. */
    private static final class Taken implements Filling.Owner {
        private final List<String> items = new ArrayList<>();

        @Override
        public long count(int count) {
            return items.size();
        }

        @Override
        public Chunk chunk(long first, int count, Bytes bytes, int[] ends) {
            try {
                assertThat(first).isEqualTo(items.size());
                assertThat(ends).hasSize(count);
                BytesIn in = bytes.open();
                for (int end : ends) {
                    items.add(new String(in.readBytes(in.readVarLong()).toArray(), StandardCharsets.UTF_8));
                    assertThat(bytes.length() - in.remaining()).isEqualTo(end);
                }
                assertThat(in.remaining()).isZero();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return Chunk.of(new NoJob(), first, count, bytes, ends, false);
        }
    }

    private static final class NoJob extends io.processpool.internal.scheduler.Job {
        NoJob() {
            super(
                    1,
                    new io.processpool.internal.scheduler.Functions()
                            .register(
                                    (io.processpool.TaskCallable<Integer>) () -> 1,
                                    io.processpool.internal.wire.FunctionKind.CALLABLE),
                    new Settings("none", 0, 0, 0, Bytes.EMPTY));
        }

        @Override
        protected void ended(long first, List<io.processpool.internal.scheduler.Ending> endings) {}

        @Override
        protected void abandoned(io.processpool.internal.scheduler.Ending ending) {}
    }

    private final Taken taken = new Taken();
    private final Filling filling = new Filling(taken);
    private final BytesOut item = new BytesOut();

    private int add(String text) {
        item.write(text.getBytes(StandardCharsets.UTF_8), 0, text.length());
        return filling.add(item);
    }

    @Test
    void take_itemsOfAnyLength_areThereWithTheirLengths() {
        List<String> texts = List.of("", "a", "b".repeat(127), "c".repeat(128), "d".repeat(16_383), "e");
        texts.forEach(this::add);

        assertThat(filling.isEmpty()).isFalse();
        filling.take();

        assertThat(filling.isEmpty()).isTrue();
        assertThat(taken.items).isEqualTo(texts);
        assertThat(filling.take()).isNull();
    }

    @Test
    void takeMeanwhile_betweenItems_takesEachOnce() {
        add("a");
        filling.takeMeanwhile();
        assertThat(filling.takeMeanwhile()).isNull();
        add("b");
        add("c");
        filling.take();
        add("d");
        filling.takeMeanwhile();

        assertThat(taken.items).containsExactly("a", "b", "c", "d");
        assertThat(filling.isEmpty()).isTrue();
    }

    @Test
    void takeMeanwhile_anotherThreadWhileTheFeederAdds_takesEachOnceInOrder() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> other = CompletableFuture.runAsync(() -> {
            while (!over.get()) {
                filling.takeMeanwhile();
            }
        });
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 200_000; i++) {
            String text = Integer.toString(i);
            expected.add(text);
            int bytes = add(text);
            if (bytes > 5_000 || i % 997 == 0) {
                filling.take();
            }
        }
        filling.take();
        over.set(true);
        other.get();

        assertThat(taken.items).isEqualTo(expected);
    }
}
