package io.processpool.internal.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BytesTests {

    private static final int MIB = 1 << 20;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 1000})
    void read_numbersAndStringsInAnySegmentation_areAsWritten(int segment) throws IOException {
        BytesOut out = new BytesOut(0);
        out.write(200);
        out.writeInt(Integer.MIN_VALUE);
        out.writeLong(0x0102030405060708L);
        out.writeVarLong(300);
        out.writeVarLong(-1);
        out.writeString("Grüße, 世界 😀");
        out.writeString("");

        BytesIn in = split(out.take().toArray(), segment).open();

        assertThat(in.read()).isEqualTo(200);
        assertThat(in.readInt()).isEqualTo(Integer.MIN_VALUE);
        assertThat(in.readLong()).isEqualTo(0x0102030405060708L);
        assertThat(in.readVarInt()).isEqualTo(300);
        assertThat(in.readVarLong()).isEqualTo(-1);
        assertThat(in.readString()).isEqualTo("Grüße, 世界 😀");
        assertThat(in.readString()).isEmpty();
        assertThat(in.remaining()).isZero();
        assertThat(in.read()).isEqualTo(-1);
        assertThat(in.contiguous()).isZero();
    }

    @Test
    void writeInt_any_isBigEndian() {
        BytesOut out = new BytesOut();
        out.writeInt(0x01020304);

        assertThat(out.take().toArray()).containsExactly(1, 2, 3, 4);
    }

    @Test
    void readVarInt_negativeOrTooLarge_throws() {
        BytesOut out = new BytesOut();
        out.writeVarLong(1L << 31);
        Bytes large = out.take();
        out.writeVarLong(-5);
        Bytes negative = out.take();

        assertThatThrownBy(() -> large.open().readVarInt()).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> negative.open().readVarInt()).isInstanceOf(IOException.class);
    }

    @Test
    void readVarLong_elevenBytes_throws() {
        byte[] endless = new byte[20];
        Arrays.fill(endless, (byte) 0x80);

        assertThatThrownBy(() -> Bytes.of(endless).open().readVarLong()).hasMessageContaining("more than ten bytes");
    }

    @Test
    void read_moreThanThereIs_throwsBeforeAllocation() {
        BytesOut out = new BytesOut();
        out.writeVarLong(Integer.MAX_VALUE);
        Bytes hugeString = out.take();

        assertThatThrownBy(() -> hugeString.open().readString())
                .isInstanceOf(EOFException.class)
                .hasMessage("need 2147483647 bytes, have 0");
        assertThatThrownBy(() -> hugeString.open().readBytes(Long.MAX_VALUE)).isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> hugeString.open().readBytes(-1)).isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> hugeString.open().readLong()).isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> Bytes.EMPTY.open().readByte()).isInstanceOf(EOFException.class);
    }

    @Test
    void readBytes_acrossSegments_boundsThePartAndMovesBehindIt() throws IOException {
        BytesIn in = split(sequence(10), 3).open();
        in.readByte();

        BytesIn part = in.readBytes(7).open();

        assertThat(part.readAllBytes()).containsExactly(1, 2, 3, 4, 5, 6, 7);
        assertThat(in.remaining()).isEqualTo(2);
        assertThat(in.readAllBytes()).containsExactly(8, 9);
    }

    @Test
    void slice_anyRangeInAnySegmentation_isThatRange() {
        byte[] all = sequence(12);
        for (int segment = 1; segment <= 12; segment++) {
            Bytes bytes = split(all, segment);
            for (int from = 0; from <= 12; from++) {
                for (int length = 0; length <= 12 - from; length++) {
                    assertThat(bytes.slice(from, length).toArray())
                            .isEqualTo(Arrays.copyOfRange(all, from, from + length));
                }
            }
        }
    }

    /** Whoever sends a message chooses into how many frames it is cut. */
    @Test
    void readBytes_acrossHundredsOfThousandsOfSlices_needsNoStack() throws IOException {
        Bytes bytes = split(new byte[300_000], 1);

        BytesIn in = Bytes.concat(List.of(bytes, bytes)).open();

        assertThat(in.readBytes(599_999).length()).isEqualTo(599_999);
        assertThat(in.remaining()).isOne();
    }

    @Test
    void slice_outside_throwsEvenIfTheSumOverflows() {
        Bytes bytes = Bytes.of(sequence(4));

        assertThatThrownBy(() -> bytes.slice(2, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> bytes.slice(-1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> bytes.slice(4, Long.MAX_VALUE)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void advance_afterTakingContiguousBytes_goesOnBehindThem() throws IOException {
        BytesIn in = split(sequence(6), 4).open();
        in.readByte();

        assertThat(in.contiguous()).isEqualTo(3);
        assertThat(in.array()[in.position()]).isEqualTo((byte) 1);
        in.advance(3);
        assertThat(in.contiguous()).isEqualTo(2);
        assertThat(in.readByte()).isEqualTo((byte) 4);
    }

    @Test
    void write_beyondOneSegment_keepsAllAndTruncatesBack() throws IOException {
        Random random = new Random(1);
        byte[] chunk = new byte[5 * MIB];
        random.nextBytes(chunk);
        BytesOut out = new BytesOut();
        List<Long> lengths = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            lengths.add(out.length());
            out.writeInt(i);
            out.write(chunk);
        }
        long whole = out.length();
        out.writeInt(99);

        out.truncate(whole);
        assertThat(out.length()).isEqualTo(whole);
        out.truncate(lengths.get(20));
        out.writeInt(-20);
        Bytes bytes = out.take();

        assertThat(bytes.length()).isEqualTo(lengths.get(20) + 4);
        assertThat(bytes.next()).as("a second slice").isNotNull();
        BytesIn in = bytes.open();
        byte[] read = new byte[chunk.length];
        for (int i = 0; i < 20; i++) {
            assertThat(in.readInt()).isEqualTo(i);
            in.readFully(read, 0, read.length);
            assertThat(Arrays.equals(read, chunk)).isTrue();
        }
        assertThat(in.readInt()).isEqualTo(-20);
        assertThat(in.remaining()).isZero();
    }

    // ---- large arrays ---------------------------------------------------------------------------------------------

    private static final int LARGE = 1 << 16;

    @Test
    void writeArray_small_isCopied() {
        BytesOut out = BytesOut.sharing(4);
        byte[] small = sequence(LARGE - 1);
        out.writeArray(small);
        small[0] = 99;

        assertThat(out.take().toArray()[0]).isZero();
    }

    @Test
    void writeArray_large_isKeptOnlyByOneThatShares() {
        byte[] large = sequence(LARGE);
        BytesOut out = new BytesOut();
        out.writeInt(1);
        out.writeArray(large);
        Bytes copied = out.take();
        BytesOut sharing = BytesOut.sharing(4);
        sharing.writeInt(1);
        sharing.writeArray(large);
        Bytes shared = sharing.take();

        assertThat(copied.next().array()).isNotSameAs(large).isEqualTo(large);
        assertThat(shared.next().array()).isSameAs(large);
        assertThat(copied.toArray()).isEqualTo(shared.toArray());
    }

    /** Whatever is truncated and written then, the array of somebody else stays as it is. */
    @Test
    void truncate_acrossAnArrayThatIsKept_neverWritesToIt() throws IOException {
        for (int back = 0; back < 6; back++) {
            byte[] large = sequence(LARGE);
            BytesOut out = BytesOut.sharing(0);
            List<Long> lengths = new ArrayList<>();
            lengths.add(out.length());
            out.write(sequence(100));
            lengths.add(out.length());
            out.writeArray(large);
            lengths.add(out.length());
            out.writeArray(large);
            lengths.add(out.length());
            out.writeInt(-1);
            lengths.add(out.length());
            out.write(Bytes.of(large, 5, LARGE - 5));
            out.writeArray(large);
            lengths.add(out.length());
            byte[] before =
                    Arrays.copyOf(out.take().toArray(), lengths.get(back).intValue());

            out.write(sequence(100));
            out.writeArray(large);
            out.writeArray(large);
            out.writeInt(-1);
            out.write(Bytes.of(large, 5, LARGE - 5));
            out.writeArray(large);
            out.truncate(lengths.get(back));
            assertThat(out.length()).isEqualTo(lengths.get(back));
            out.write(new byte[] {-7, -7, -7});
            out.write(new byte[LARGE]);

            byte[] all = out.take().toArray();
            assertThat(all).hasSize(before.length + 3 + LARGE);
            assertThat(Arrays.copyOf(all, before.length)).isEqualTo(before);
            assertThat(all[before.length]).isEqualTo((byte) -7);
            assertThat(large).as("truncated to %s", lengths.get(back)).isEqualTo(sequence(LARGE));
        }
    }

    @Test
    void moveTo_withLargeArrays_keepsAll() throws IOException {
        BytesOut out = new BytesOut();
        BytesOut target = new BytesOut();
        target.writeInt(7);
        out.writeArray(sequence(LARGE));
        out.writeInt(8);
        out.moveTo(target);
        out.write(sequence(10));

        assertThat(target.length()).isEqualTo(4 + LARGE + 4);
        assertThat(Arrays.copyOfRange(target.take().toArray(), 4, 4 + LARGE)).isEqualTo(sequence(LARGE));
        assertThat(out.take().toArray()).isEqualTo(sequence(10));
    }

    @Test
    void readRest_aWholeArray_isThatOne() throws IOException {
        byte[] array = sequence(100);
        BytesIn in =
                Bytes.concat(List.of(Bytes.of(sequence(1)), Bytes.of(array))).open();
        in.readByte();

        assertThat(in.readRest()).isSameAs(array);
        assertThat(in.remaining()).isZero();
        assertThat(in.readRest()).isEmpty();
    }

    @Test
    void readRest_aPartOfAnArrayOrSeveral_isACopy() throws IOException {
        byte[] array = sequence(100);
        BytesIn begun = Bytes.of(array).open();
        begun.readByte();

        assertThat(begun.readRest()).isEqualTo(Arrays.copyOfRange(array, 1, 100));
        assertThat(Bytes.of(array, 0, 99).open().readRest()).hasSize(99);
        assertThat(split(array, 7).open().readRest()).isEqualTo(array);
        BytesIn twice = Bytes.concat(List.of(Bytes.of(array), Bytes.of(array))).open();
        assertThat(twice.readRest()).hasSize(200).isNotSameAs(array);
    }

    @Test
    void copy_ofVeryManySlices_isEqualAndSharesNothing() {
        byte[] array = sequence(200_000);
        Bytes copy = split(array, 2).copy();
        array[0] = 99;

        assertThat(copy.length()).isEqualTo(200_000);
        assertThat(copy.toArray()[0]).isZero();
        assertThat(Arrays.equals(copy.toArray(), 1, 200_000, array, 1, 200_000)).isTrue();
        assertThat(Bytes.EMPTY.copy().length()).isZero();
    }

    @Test
    void take_andWriteAgain_leavesWhatWasTaken() {
        BytesOut out = new BytesOut();
        out.writeInt(1);
        Bytes first = out.take();
        out.writeInt(2);

        assertThat(first.toArray()).containsExactly(0, 0, 0, 1);
        assertThat(out.take().toArray()).containsExactly(0, 0, 0, 2);
    }

    private static byte[] sequence(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    private static Bytes split(byte[] all, int segment) {
        List<Bytes> parts = new ArrayList<>();
        for (int from = 0; from < all.length; from += segment) {
            parts.add(Bytes.of(all, from, Math.min(segment, all.length - from)));
        }
        return Bytes.concat(parts);
    }
}
