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
