package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.scheduler.Chunk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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

        private boolean noMemory;

        @Override
        public Chunk chunk(int count, Bytes bytes, int[] ends) {
            if (noMemory) {
                throw new OutOfMemoryError("Java heap space");
            }
            long first = items.size();
            try {
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

    // A map would wait for ever for items that are counted and were not sent.
    @Test
    void take_noMemory_takesNothingAndLaterAll() {
        add("a");
        add("b");
        taken.noMemory = true;
        assertThatThrownBy(filling::take).isInstanceOf(OutOfMemoryError.class);
        assertThatThrownBy(filling::takeMeanwhile).isInstanceOf(OutOfMemoryError.class);
        assertThat(filling.isEmpty()).isFalse();

        taken.noMemory = false;
        add("c");
        filling.take();

        assertThat(taken.items).containsExactly("a", "b", "c");
        assertThat(filling.isEmpty()).isTrue();
    }

    // The source of a map has ended then, whose end must not wait for what was never sent.
    @Test
    void discard_noMemoryToTake_isEmpty() {
        add("a");
        taken.noMemory = true;
        assertThatThrownBy(filling::take).isInstanceOf(OutOfMemoryError.class);

        filling.discard();

        taken.noMemory = false;
        assertThat(filling.isEmpty()).isTrue();
        assertThat(filling.takeMeanwhile()).isNull();
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

    @Test
    void addScalar_numbersAmongOthers_areAsTheCodecWritesThem() throws Exception {
        List<Object> values = Arrays.asList(1, null, Long.MIN_VALUE, 1.5, true, 'x', (byte) -1, (short) 7, 2f, -1);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            for (Object value : values) {
                new ValueCodec(null).encode(value, item, "value");
                expected.add(new String(item.take().toArray(), StandardCharsets.UTF_8));
                assertThat(filling.addScalar(value)).isPositive();
            }
            assertThat(filling.addScalar("text")).isEqualTo(-1);
            expected.add("text");
            add("text");
        }

        filling.take();

        assertThat(taken.items).isEqualTo(expected);
    }
}
