package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.Scalars;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.scheduler.Ending;
import io.processpool.internal.scheduler.ScalarRun;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OutcomesTests {

    private static final int COUNT = 1000;
    private static final String NULL = "null";

    private final Outcomes outcomes = new Outcomes(-1);

    private void putInts(int from, int to) {
        put(from, IntStream.range(from, to).toArray());
    }

    private void put(int first, Object array) {
        outcomes.put(first, new ScalarRun(Objects.requireNonNull(Scalars.of(array))));
    }

    @Test
    void numbers_runsInAnyOrderAndSingleOnes_areAll() {
        putInts(600, 1000);
        putInts(2, 600);
        putInts(1, 2);
        outcomes.put(0, List.of(new Ending.Scalar(0)));

        Scalars numbers = outcomes.numbers(COUNT);

        assertThat(numbers).isNotNull();
        assertThat(numbers.size()).isEqualTo(COUNT);
        assertThat(IntStream.range(0, COUNT).allMatch(i -> numbers.get(i).equals(i)))
                .isTrue();
        assertThat(outcomes.all(COUNT))
                .isEqualTo(IntStream.range(0, COUNT).boxed().toArray());
    }

    @Test
    void numbers_anotherKindInARun_areNone() {
        putInts(0, 600);
        put(600, LongStream.range(600, 1000).toArray());

        assertThat(outcomes.numbers(COUNT)).isNull();
        assertThat(outcomes.all(COUNT)[599]).isEqualTo(599);
        assertThat(outcomes.all(COUNT)[600]).isEqualTo(600L);
    }

    @Test
    void numbers_anotherValueByItself_areNone() {
        for (Ending other : List.of(
                new Ending.Scalar(null),
                new Ending.Scalar(1L),
                new Ending.Value(Bytes.EMPTY),
                new Ending.Cancelled())) {
            Outcomes mixed = new Outcomes(COUNT);
            mixed.put(1, new ScalarRun(Objects.requireNonNull(Scalars.of(new int[COUNT - 1]))));
            mixed.put(0, List.of(other));

            assertThat(mixed.numbers(COUNT)).as("%s", other).isNull();
        }
    }

    // The first item of a map is by itself, as long as nobody knows how long it takes.
    @Test
    void numbers_othersThanNumbers_areNone() throws IOException {
        for (Object other : new Object[] {true, 1.5f, (short) 1, (byte) 1, 'c', NULL}) {
            for (int alone : new int[] {0, COUNT - 1}) {
                for (Object single : new Object[] {other, 1, NULL}) {
                    Outcomes mixed = new Outcomes(COUNT);
                    mixed.put(alone == 0 ? 1 : 0, new ScalarRun(boxed(other, COUNT - 1)));
                    mixed.put(alone, List.of(new Ending.Scalar(single == NULL ? null : single)));

                    assertThat(mixed.numbers(COUNT))
                            .as("%s, and %s at %s", other, single, alone)
                            .isNull();
                    assertThat(mixed.all(COUNT)[alone]).isEqualTo(single == NULL ? null : single);
                    assertThat(mixed.all(COUNT)[1]).isEqualTo(other == NULL ? null : other);
                }
            }
        }
    }

    private static Scalars boxed(Object value, int count) throws IOException {
        BytesOut out = new BytesOut();
        for (int i = 0; i < count; i++) {
            new ValueCodec(null).encode(value == NULL ? null : value, out, "value");
        }
        Bytes bytes = out.take();
        return Scalars.read(bytes.open(), bytes.length());
    }

    @Test
    void numbers_few_areNotWorthIt() {
        putInts(0, 100);

        assertThat(outcomes.numbers(100)).isNull();
        assertThat(outcomes.all(100)).hasSize(100).doesNotContainNull();
    }
}
