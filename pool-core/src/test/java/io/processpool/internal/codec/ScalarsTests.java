package io.processpool.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ScalarsTests {

    private static final ValueCodec CODEC = new ValueCodec(null);

    private static Bytes encode(List<?> values) {
        BytesOut out = new BytesOut();
        values.forEach(value -> CODEC.encode(value, out, "value"));
        return out.take();
    }

    private static List<Object> decode(Bytes bytes) throws IOException {
        Scalars scalars = Scalars.read(bytes.open(), bytes.length());
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < scalars.size(); i++) {
            values.add(scalars.get(i));
        }
        return values;
    }

    @Test
    void read_valuesOfOneKindOrSeveral_givesThemBack() throws IOException {
        List<List<?>> samples = List.of(
                List.of(),
                List.of(0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE),
                List.of(0L, -5L, Long.MIN_VALUE, Long.MAX_VALUE),
                List.of(0.5, -0.0, Double.NaN, Double.MIN_VALUE),
                List.of(1, 2, 3L),
                List.of(1L, 2.0),
                List.of(1.0, true),
                Arrays.asList(null, true, false, (byte) 1, (short) -2, 'x', 3, 4L, 5f, 6.0, null));
        for (List<?> sample : samples) {
            assertThat(decode(encode(sample))).as("%s", sample).isEqualTo(sample);
        }
    }

    @Test
    void read_bytesInSeveralSlices_givesThemBack() throws IOException {
        Bytes bytes = encode(List.of(1, 1000, 100_000));

        assertThat(decode(Bytes.concat(List.of(bytes.slice(0, 3), bytes.slice(3, bytes.length() - 3)))))
                .isEqualTo(List.of(1, 1000, 100_000));
    }

    @Test
    void read_partOfMore_leavesTheRest() throws IOException {
        Bytes bytes = encode(List.of(1, 2, 3));
        var in = bytes.open();

        assertThat(Scalars.read(in, 4).size()).isEqualTo(2);
        assertThat(in.remaining()).isEqualTo(2);
    }

    // a string; an unknown tag; a number that is cut off; one that is no int; one behind the first that is cut off
    @ParameterizedTest
    @ValueSource(strings = {"1061", "ff", "06", "0680", "068080808020", "060206", "0700090102"})
    void read_noScalars_isRefused(String hex) {
        Bytes bytes = Bytes.of(HexFormat.of().parseHex(hex));

        assertThatExceptionOfType(IOException.class).isThrownBy(() -> decode(bytes));
    }

    // The last number has more bytes than belong to the values: those are somebody else's.
    @Test
    void read_aNumberGoesBeyondTheEnd_isRefused() {
        Bytes bytes = Bytes.of(HexFormat.of().parseHex("0602" + "0680808001"));

        assertThatExceptionOfType(IOException.class).isThrownBy(() -> Scalars.read(bytes.open(), 4));
    }

    /** What lies behind the values is often in another array, at other places of it. */
    @ParameterizedTest
    @ValueSource(strings = {"0602" + "0680", "0702" + "0780", "0802" + "0880", "0602" + "0880"})
    void read_aNumberGoesOnInTheNextSlice_isRefused(String hex) {
        Bytes values = Bytes.of(HexFormat.of().parseHex(hex));
        for (int offset : new int[] {0, 1, 100}) {
            Bytes behind = Bytes.of(new byte[offset + 30], offset, 30);
            for (int before : new int[] {0, 1, 100}) {
                byte[] first = new byte[before + (int) values.length()];
                System.arraycopy(values.copy().open().array(), 0, first, before, (int) values.length());
                Bytes both = Bytes.concat(List.of(Bytes.of(first, before, (int) values.length()), behind));

                assertThatExceptionOfType(IOException.class)
                        .as("%d before, %d before what is behind", before, offset)
                        .isThrownBy(() -> Scalars.read(both.open(), values.length()));
            }
        }
    }

    @Test
    void decodeScalar_aNumberGoesOnInTheNextSlice_readsNothing() throws IOException {
        Bytes number = Bytes.of(HexFormat.of().parseHex("0680"));
        for (int offset : new int[] {0, 1, 100}) {
            Bytes behind = Bytes.of(new byte[offset + 30], offset, 30);
            var in = Bytes.concat(List.of(number, behind)).open();

            assertThat(ValueCodec.decodeScalar(in, 2)).isSameAs(ValueCodec.NO_SCALAR);

            assertThat(in.readBytes(2).toArray()).isEqualTo(number.toArray());
            assertThat(in.remaining()).isEqualTo(30);
        }
    }

    @Test
    void copyTo_objectsOrTheirOwnKind_fillsTheArray() throws IOException {
        Bytes bytes = encode(List.of(7, 8));
        Scalars ints = Scalars.read(bytes.open(), bytes.length());
        Object[] objects = new Object[3];
        Object own = ints.newArray(3);

        ints.copyTo(objects, 1);
        ints.copyTo(own, 0);

        assertThat(objects).containsExactly(null, 7, 8);
        assertThat(own).isEqualTo(new int[] {7, 8, 0});
    }
}
