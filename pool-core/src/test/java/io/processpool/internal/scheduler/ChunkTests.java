package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ChunkTests {

    private final SchedulerFixture fixture = new SchedulerFixture();
    private final Job job = fixture.job(fixture.function(), SchedulerFixture.settings(), false);

    /** Makes a chunk whose items are their own index, as so many bytes. */
    private Chunk chunk(long first, int count) {
        BytesOut items = new BytesOut(0);
        int[] ends = new int[count];
        for (int i = 0; i < count; i++) {
            items.writeVarLong(i);
            for (int j = 0; j < i; j++) {
                items.write(i);
            }
            ends[i] = (int) items.length();
        }
        return Chunk.of(job, first, count, items.take(), ends, true);
    }

    /** Returns the lengths of the items in a chunk, which tell which they are. */
    private static List<Long> items(Chunk chunk) throws IOException {
        List<Long> lengths = new ArrayList<>();
        BytesIn in = chunk.items().open();
        for (int i = 0; i < chunk.count(); i++) {
            long length = in.readVarLong();
            for (byte b : in.readBytes(length).toArray()) {
                assertThat((long) b).isEqualTo(length);
            }
            lengths.add(length);
        }
        assertThat(in.remaining()).isZero();
        return lengths;
    }

    @Test
    void part_everyRange_holdsThoseItems() throws IOException {
        Chunk chunk = chunk(100, 8);
        for (int from = 0; from < 8; from++) {
            for (int to = from + 1; to <= 8; to++) {
                Chunk part = chunk.part(from, to);

                assertThat(part.first()).isEqualTo(100 + from);
                assertThat(part.count()).isEqualTo(to - from);
                assertThat(part.whole()).as("batched as seems best").isFalse();
                assertThat(part.queuedAt()).isEqualTo(chunk.queuedAt());
                List<Long> expected = new ArrayList<>();
                for (long i = from; i < to; i++) {
                    expected.add(i);
                }
                assertThat(items(part)).isEqualTo(expected);
            }
        }
    }

    @Test
    void part_ofPartsOfParts_holdsThoseItems() throws IOException {
        Random random = new Random(5);
        for (int round = 0; round < 500; round++) {
            Chunk chunk = chunk(0, 50);
            while (chunk.count() > 1) {
                int from = random.nextInt(chunk.count() - 1);
                int to = from + 1 + random.nextInt(chunk.count() - from - (from == 0 ? 1 : 0));
                chunk = chunk.part(from, to);
                List<Long> items = items(chunk);
                assertThat(items).hasSize(chunk.count());
                assertThat(items.get(0)).isEqualTo(chunk.first());
                assertThat(items.get(items.size() - 1)).isEqualTo(chunk.first() + chunk.count() - 1);
            }
        }
    }

    @Test
    void part_ofASingleItem_isThatItemOrAnError() {
        Chunk single = Chunk.single(job, 7, Bytes.of(new byte[] {0}));

        Chunk same = single.part(0, 1);

        assertThat(same.first()).isEqualTo(7);
        assertThat(same.items().length()).isEqualTo(1);
        assertThatIllegalArgumentException().isThrownBy(() -> single.part(0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> single.part(1, 1));
    }

    @Test
    void again_oneItem_hasOneAttemptMoreAndIsAboveSuspicion() throws IOException {
        Chunk chunk = chunk(10, 4).returned(true, true).returned(true, true);
        assertThat(chunk.suspected()).isEqualTo(2);
        assertThat(chunk.attempt()).isZero();

        Chunk again = chunk.part(2, 3).again();

        assertThat(again.first()).isEqualTo(12);
        assertThat(again.count()).isEqualTo(1);
        assertThat(again.attempt()).isEqualTo(1);
        assertThat(again.suspected()).isZero();
        assertThat(again.startTold()).isFalse();
        assertThat(items(again)).containsExactly(2L);
        assertThat(again.again().attempt()).isEqualTo(2);
        assertThat(items(again.again())).containsExactly(2L);
    }

    @Test
    void returned_thenPart_keepsTheSuspicionAndTheFirstKeepsItsStart() {
        Chunk chunk = chunk(0, 3).returned(true, true);

        assertThat(chunk.part(1, 3).suspected()).isEqualTo(1);
        assertThat(chunk.part(0, 3).suspected()).isEqualTo(1);
        assertThat(chunk.part(0, 3).startTold()).isTrue();
        assertThat(chunk.part(0, 1).startTold()).isTrue();
        assertThat(chunk.part(1, 3).startTold()).isFalse();
        assertThat(chunk.returned(true, false).suspected()).isEqualTo(2);
        assertThat(chunk.returned(false, true).suspected()).isEqualTo(1);
        assertThat(chunk.returned(false, false).startTold()).as("what was told").isTrue();
    }
}
