package io.processpool.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.testing.Allocations;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ResultRecordTests {

    @ParameterizedTest
    @CsvSource({
        "1,          0,   VALUE,        300, 2a,     010000ac02012a",
        "300,        128, THREW,        0,   cafe,   ac0280010100" + "02cafe",
        "1,          1,   BAD_ARGUMENT, 127, '',     0101027f00",
        "1,          1,   BAD_RESULT,   128, '',     010103800100",
        "2147483647, 0,   SKIPPED,      1,   '',     ffffffff0700040100",
    })
    void write_anyRecord_hasTheGoldenBytes(
            int batch, int index, ItemStatus status, long nanos, String payload, String golden) throws IOException {
        BytesOut out = new BytesOut(0);

        Records.write(out, batch, index, status, nanos, SampleMessages.hex(payload));

        Bytes written = out.take();
        assertThat(HexFormat.of().formatHex(written.toArray())).isEqualTo(golden);
        BytesIn in = written.open();
        ResultRecord read = ResultRecord.read(in);
        assertThat(read.batch()).isEqualTo(batch);
        assertThat(read.index()).isEqualTo(index);
        assertThat(read.status()).isEqualTo(status);
        assertThat(read.nanos()).isEqualTo(nanos);
        assertThat(HexFormat.of().formatHex(read.payload().toArray())).isEqualTo(payload);
        assertThat(in.remaining()).isZero();
    }

    @Test
    void read_severalInARow_readsEach() throws IOException {
        BytesOut out = new BytesOut();
        for (int i = 0; i < 1000; i++) {
            Records.write(out, 7, i, ItemStatus.VALUE, i * 1000L, Bytes.of(new byte[i % 50]));
        }

        BytesIn in = out.take().open();

        for (int i = 0; i < 1000; i++) {
            ResultRecord record = ResultRecord.read(in);
            assertThat(record.index()).isEqualTo(i);
            assertThat(record.nanos()).isEqualTo(i * 1000L);
            assertThat(record.payload().length()).isEqualTo(i % 50);
        }
        assertThat(in.remaining()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 8080808000808000",
        "1, 1, 8180808000818000",
        "127, 128, ff80808000808100",
        "34359738367, 2097151, ffffffff7fffff7f",
        "99999999999, 3, ffffffff7f838000"
    })
    void runFields_anyTimeAndLength_haveEightBytes(long nanos, int length, String expected) {
        assertThat(HexFormat.of().toHexDigits(ResultRecord.runFields(nanos, length)))
                .isEqualTo(expected);
    }

    /** Its length, which is not written, may have more bytes than the 0 in its place. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 147, 16_384})
    void read_runOfLengthZero_takesAllThatFollows(int length) throws IOException {
        byte[] payload = new byte[length];
        Arrays.fill(payload, (byte) 0x2a);
        BytesOut out = new BytesOut();
        Records.write(out, 1, 4, ItemStatus.VALUE, 7, SampleMessages.hex("2b"));
        out.write(SampleMessages.hex("0105050000"));
        out.write(Bytes.of(payload));
        ResultCursor cursor = new ResultCursor(out.take());

        assertThat(cursor.next()).isTrue();
        assertThat(cursor.payload().toArray()).containsExactly(0x2b);
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.status()).isEqualTo(ItemStatus.RUN);
        assertThat(cursor.length()).isEqualTo(length);
        assertThat(cursor.payload().toArray()).isEqualTo(payload);
        assertThat(cursor.next()).isFalse();
    }

    @Test
    void read_truncatedAnywhere_isRefused() {
        byte[] whole = HexFormat.of().parseHex("ac0280010100" + "02cafe");
        for (int length = 0; length < whole.length; length++) {
            Bytes truncated = Bytes.of(whole, 0, length);
            assertThatExceptionOfType(IOException.class)
                    .as("%d bytes", length)
                    .isThrownBy(() -> ResultRecord.read(truncated.open()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"06", "7f", "80", "ff"})
    void read_unknownStatus_isRefused(String code) {
        Bytes record = SampleMessages.hex("0100" + code + "0000");

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> ResultRecord.read(record.open()))
                .withMessageStartingWith("unknown item status: ");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void read_negativeBatchOrIndex_isRefused(int place) {
        BytesOut out = new BytesOut();
        out.writeVarLong(place == 0 ? -1 : 1);
        out.writeVarLong(place == 1 ? -1 : 1);
        out.write(new byte[] {0, 0, 0}, 0, 3);

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> ResultRecord.read(out.take().open()))
                .withMessage("number out of range: -1");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE})
    void read_negativeTime_isRefused(long nanos) {
        BytesOut out = new BytesOut();
        Records.write(out, 1, 0, ItemStatus.VALUE, nanos, Bytes.EMPTY);

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> ResultRecord.read(out.take().open()));
    }

    @ParameterizedTest
    @ValueSource(longs = {1 << 28, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE, -1})
    void read_absurdLength_isRefusedBeforeAnythingIsAllocated(long length) {
        BytesOut out = new BytesOut();
        out.write(new byte[] {1, 0, 0, 0}, 0, 4);
        out.writeVarLong(length);
        Bytes record = out.take();

        long allocated = Allocations.ofThisThread(
                () -> assertThatExceptionOfType(IOException.class).isThrownBy(() -> ResultRecord.read(record.open())));

        assertThat(allocated).isLessThan(1 << 24);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void read_randomBytes_throwsNothingButIOExceptions(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(24)];
            random.nextBytes(bytes);
            try {
                ResultRecord.read(Bytes.of(bytes).open());
            } catch (IOException expected) {
                assertThat(expected).hasMessageMatching("(?s).+");
            } catch (Throwable t) {
                throw new AssertionError("seed " + seed + ", " + HexFormat.of().formatHex(bytes), t);
            }
        }
    }
}
