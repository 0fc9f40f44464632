package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.LaunchSettings;
import io.processpool.internal.SampleLaunch;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JvmOptionsTests {

    private static final String HEADLESS = "java.awt.headless";

    private final String headless = System.getProperty(HEADLESS);

    private static LaunchSettings settings(long maxHeap, String... jvmArguments) {
        return new SampleLaunch()
                .maxHeap(maxHeap)
                .jvmArguments(List.of(jvmArguments))
                .make();
    }

    private static List<String> options(LaunchSettings settings) {
        return JvmOptions.of(settings, 4, "UTF-8");
    }

    @AfterEach
    void restore() {
        if (headless == null) {
            System.clearProperty(HEADLESS);
        } else {
            System.setProperty(HEADLESS, headless);
        }
        System.clearProperty(NestingGuard.MAX_DEPTH_PROPERTY);
    }

    @Test
    void of_defaults_areSmallAndClear() {
        assertThat(options(settings(256 << 20)))
                .contains(
                        "-XX:+UseSerialGC",
                        "-Xms33554432",
                        "-Xmx268435456",
                        "-Xshare:auto",
                        "-XX:-UsePerfData",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-XX:-CreateCoredumpOnCrash",
                        "-Dstdout.encoding=UTF-8");
    }

    @Test
    void of_tinyHeap_doesNotStartLarger() {
        assertThat(options(settings(4 << 20))).contains("-Xms4194304", "-Xmx4194304");
    }

    @ParameterizedTest
    @CsvSource({"1, 25.0000", "2, 25.0000", "4, 12.5000", "100, 0.5000"})
    void of_noMaxHeap_isAShareOfHalf(int processes, String percent) {
        assertThat(JvmOptions.of(settings(0), processes, "UTF-8"))
                .contains("-XX:MaxRAMPercentage=" + percent)
                .noneMatch(option -> option.startsWith("-Xmx"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Xmx1g", "-XX:MaxHeapSize=1g", "-XX:MaxRAMPercentage=50", "-XX:MaxRAM=1g"})
    void of_usersHeap_replacesTheShare(String argument) {
        assertThat(options(settings(0, argument))).noneMatch(option -> option.contains("MaxRAMPercentage"));
    }

    /** The JVM refuses to choose between two. */
    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UseG1GC", "-XX:+UseZGC", "-XX:+UseSerialGC"})
    void of_usersCollector_replacesOurs(String argument) {
        assertThat(options(settings(0, argument))).doesNotContain("-XX:+UseSerialGC");
    }

    @Test
    void of_headless_isAsHere() {
        System.clearProperty(HEADLESS);
        assertThat(options(settings(0))).noneMatch(option -> option.contains("headless"));

        System.setProperty(HEADLESS, "true");
        assertThat(options(settings(0))).contains("-Djava.awt.headless=true");
    }

    @Test
    void of_maxDepth_isPassedOn() {
        System.setProperty(NestingGuard.MAX_DEPTH_PROPERTY, "5");

        assertThat(options(settings(0))).contains("-Dprocesspool.maxDepth=5");
    }
}
