package io.processpool.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.processpool.internal.wire.SampleMessages.Sample;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FrameTests {

    static List<Sample> samples() {
        return SampleMessages.all();
    }

    @ParameterizedTest
    @CsvSource({
        "1,  false, 40,        5050010100000028",
        "2,  false, 0,         5050010200000000",
        "35, true,  134217728, 505001a308000000",
        "41, false, 1,         5050012900000001",
    })
    void putHeader_anyFrame_hasTheGoldenBytes(int type, boolean more, int length, String golden) {
        byte[] target = new byte[Frame.HEADER];

        Frame.putHeader(target, 0, type, more, length);

        assertThat(HexFormat.of().formatHex(target)).isEqualTo(golden);
    }

    @Test
    void putHeader_somewhere_leavesTheRest() {
        byte[] target = new byte[12];

        Frame.putHeader(target, 2, 4, true, 0x01020304);

        assertThat(HexFormat.of().formatHex(target)).isEqualTo("0000" + "5050018401020304" + "0000");
    }

    @ParameterizedTest
    @MethodSource("samples")
    void header_ofAnyMessage_isReadAsWritten(Sample sample) throws ProtocolException {
        byte[] header = new byte[Frame.HEADER];
        int length = sample.bytes().length;
        for (boolean more : new boolean[] {false, true}) {
            Frame.putHeader(header, 0, sample.type(), more, length);

            assertThat(Frame.type(header)).isEqualTo(sample.type());
            assertThat(Frame.more(header)).isEqualTo(more);
            assertThat(Frame.length(header, Frame.MAX_BODY)).isEqualTo(length);
        }
    }

    @Test
    void type_anyBitOfMagicOrVersionFlipped_isRefused() {
        for (int bit = 0; bit < 24; bit++) {
            byte[] header = new byte[Frame.HEADER];
            Frame.putHeader(header, 0, 2, false, 0);
            header[bit / 8] ^= (byte) (1 << bit % 8);

            assertThatExceptionOfType(ProtocolException.class)
                    .as("bit %d", bit)
                    .isThrownBy(() -> Frame.type(header))
                    .withMessageStartingWith("not a frame: header starts with 0x");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HT", "\0\0\0\0\0\0\0\0", "SSH-2.0-", "PP\2\2\0\0\0\0", "pp\1\2\0\0\0\0"})
    void type_otherProtocols_areRefused(String start) {
        byte[] header = start.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);

        assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> Frame.type(header));
    }

    @ParameterizedTest
    @CsvSource({
        "257,         256,       'frame of 257 bytes, allowed are 256'",
        "-1,          134217728, 'frame of 4294967295 bytes, allowed are 134217728'",
        "-2147483648, 134217728, 'frame of 2147483648 bytes, allowed are 134217728'",
        "134217729,   134217728, 'frame of 134217729 bytes, allowed are 134217728'",
        "1,           0,         'frame of 1 bytes, allowed are 0'",
    })
    void length_outOfBounds_isRefused(int length, int limit, String message) {
        byte[] header = new byte[Frame.HEADER];
        Frame.putHeader(header, 0, 4, false, length);

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> Frame.length(header, limit))
                .withMessage(message);
    }

    @Test
    void length_justAtTheLimit_isAllowed() throws ProtocolException {
        byte[] header = new byte[Frame.HEADER];
        Frame.putHeader(header, 0, 4, false, Frame.MAX_BODY);

        assertThat(Frame.length(header, Frame.MAX_BODY)).isEqualTo(Frame.MAX_BODY);
    }
}
