package io.processpool.internal.wire;

import static io.processpool.internal.wire.SampleMessages.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.processpool.internal.bytes.Bytes;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HeadersTests {

    private static final Headers SAMPLE = new Headers(Map.of("a", "\u00e9"), Map.of("b", ""));
    private static final String GOLDEN = "01" + "0161" + "02c3a9" + "01" + "0162" + "00";

    @Test
    void encode_sample_givesTheGoldenBytes() {
        assertThat(HexFormat.of().formatHex(SAMPLE.encode().toArray())).isEqualTo(GOLDEN);
    }

    @Test
    void decode_goldenBytes_givesTheSample() throws IOException {
        assertThat(Headers.decode(hex(GOLDEN))).isEqualTo(SAMPLE);
    }

    @Test
    void encode_nothing_isNothing() throws IOException {
        assertThat(Headers.NONE.encode()).isSameAs(Bytes.EMPTY);
        assertThat(Headers.decode(Bytes.EMPTY)).isSameAs(Headers.NONE);
    }

    @Test
    void encode_exactlyTheLimit_isTaken() throws IOException {
        int overhead = 1 + 1 + 1 + 3 + 1; // the counts, the key, the length of the value
        Headers largest = new Headers(Map.of("k", "x".repeat(Headers.MAX_BYTES - overhead)), Map.of());

        assertThat(largest.encode().length()).isEqualTo(Headers.MAX_BYTES);
        assertThat(Headers.decode(largest.encode())).isEqualTo(largest);
    }

    @Test
    void encode_moreThanTheLimit_isRefusedWithTheSizeAndTheNames() {
        Headers large = new Headers(Map.of("k", "x".repeat(40_000)), Map.of("m", "x".repeat(40_000)));

        assertThatIllegalArgumentException()
                .isThrownBy(large::encode)
                .withMessageContainingAll("<= 65536", "bytes=80012", "headers=[k]", "mdc=[m]");
    }

    @Test
    void decode_truncatedAnywhere_isRefused() {
        byte[] whole = HexFormat.of().parseHex(GOLDEN);
        for (int length = 1; length < whole.length; length++) {
            Bytes truncated = Bytes.of(Arrays.copyOf(whole, length));
            assertThatExceptionOfType(IOException.class)
                    .as("%d of %d bytes", length, whole.length)
                    .isThrownBy(() -> Headers.decode(truncated));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {GOLDEN + "00", "0000ff", "ffffffff070000", "ffffffffffffffffff0100", "0105"})
    void decode_whatIsNone_isRefused(String digits) {
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> Headers.decode(hex(digits)));
    }
}
