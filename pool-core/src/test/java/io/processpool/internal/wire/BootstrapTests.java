package io.processpool.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.processpool.testing.Allocations;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BootstrapTests {

    private static final String TOKEN = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private static final String GOLDEN =
            TOKEN + "08" + "756e69783a2f7423" + "022f74" + "022f73" + "022f6d" + "022f63" + "00000000000003e7" + "0170";

    @Test
    void toBytes_any_areTheGoldenOnes() {
        Bootstrap bootstrap = new Bootstrap(SampleMessages.hex(TOKEN), "unix:/t#", "/t", "/s", "/m", "/c", 999, "p");

        assertThat(HexFormat.of().formatHex(bootstrap.toBytes())).isEqualTo(GOLDEN);
    }

    @Test
    void read_goldenBytes_givesTheValues() throws IOException {
        Bootstrap bootstrap = Bootstrap.read(HexFormat.of().parseHex(GOLDEN));

        assertThat(HexFormat.of().formatHex(bootstrap.token().toArray())).isEqualTo(TOKEN);
        assertThat(bootstrap.endpoint()).isEqualTo("unix:/t#");
        assertThat(bootstrap.directory()).isEqualTo("/t");
        assertThat(bootstrap.temporary()).isEqualTo("/s");
        assertThat(bootstrap.memory()).isEqualTo("/m");
        assertThat(bootstrap.classes()).isEqualTo("/c");
        assertThat(bootstrap.parentPid()).isEqualTo(999);
        assertThat(bootstrap.parentNamespace()).isEqualTo("p");
    }

    @Test
    void read_whatWasWritten_givesLongAndStrangePathsBack() throws IOException {
        String endpoint = "unix:/" + "ü😀".repeat(200);
        String directory = "C:\\Program Files\\ä\n" + "x".repeat(5000);
        byte[] bytes = new Bootstrap(
                        SampleMessages.hex(TOKEN),
                        endpoint,
                        directory,
                        directory + "0",
                        directory + "1",
                        directory + "2",
                        -1,
                        "")
                .toBytes();

        Bootstrap read = Bootstrap.read(bytes);

        assertThat(read.endpoint()).isEqualTo(endpoint);
        assertThat(read.directory()).isEqualTo(directory);
        assertThat(read.temporary()).isEqualTo(directory + "0");
        assertThat(read.memory()).isEqualTo(directory + "1");
        assertThat(read.classes()).isEqualTo(directory + "2");
        assertThat(read.parentPid()).isEqualTo(-1);
    }

    @Test
    void read_truncatedAnywhere_isRefused() {
        byte[] whole = HexFormat.of().parseHex(GOLDEN);
        for (int length = 0; length < whole.length; length++) {
            byte[] truncated = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(IOException.class)
                    .as("%d of %d bytes", length, whole.length)
                    .isThrownBy(() -> Bootstrap.read(truncated));
        }
    }

    @Test
    void read_bytesTooMany_areRefused() {
        byte[] longer = HexFormat.of().parseHex(GOLDEN + "00");

        assertThatExceptionOfType(IOException.class).isThrownBy(() -> Bootstrap.read(longer));
    }

    @Test
    void read_absurdLength_isRefusedBeforeAnythingIsAllocated() {
        byte[] bytes = HexFormat.of().parseHex(TOKEN + "ffffffff07" + "00");

        long allocated = Allocations.ofThisThread(
                () -> assertThatExceptionOfType(IOException.class).isThrownBy(() -> Bootstrap.read(bytes)));

        assertThat(allocated).isLessThan(1 << 24);
    }

    @Test
    void read_randomBytes_throwsNothingButIOExceptions() {
        Random random = new Random(42);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            try {
                Bootstrap.read(bytes);
            } catch (IOException expected) {
                assertThat(expected).hasMessageMatching("(?s).+");
            } catch (Throwable t) {
                throw new AssertionError(
                        "round " + round + ", " + HexFormat.of().formatHex(bytes), t);
            }
        }
    }

    @Test
    void toString_any_doesNotTellTheToken() {
        Bootstrap bootstrap = new Bootstrap(SampleMessages.hex(TOKEN), "unix:/t", "/t", "", "", "", 1, "");

        assertThat(bootstrap.toString()).doesNotContain("0102", "1e1f").contains("Bytes[32]");
    }
}
