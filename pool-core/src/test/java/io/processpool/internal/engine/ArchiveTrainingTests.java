package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.internal.PoolConfig;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
class ArchiveTrainingTests {

    private static PoolConfig config(UnaryOperator<DefaultBuilder> settings) {
        return settings.apply(new DefaultBuilder()).config();
    }

    static Stream<UnaryOperator<DefaultBuilder>> replacing() {
        return Stream.of(
                builder -> (DefaultBuilder) builder.standbyWorkers(1),
                builder -> (DefaultBuilder) builder.maxTasksPerWorker(100),
                builder -> (DefaultBuilder) builder.maxWorkerAge(Duration.ofHours(1)),
                builder -> (DefaultBuilder) builder.maxWorkerMemory(1 << 30),
                builder -> (DefaultBuilder) builder.idleTimeout(Duration.ofMinutes(1)));
    }

    @ParameterizedTest
    @MethodSource("replacing")
    void replacesWorkers_withAnySuchSetting_isTrue(UnaryOperator<DefaultBuilder> settings) {
        assertThat(ArchiveTraining.replacesWorkers(config(settings))).isTrue();
    }

    @Test
    void replacesWorkers_plainPool_isFalse() {
        assertThat(ArchiveTraining.replacesWorkers(config(builder -> builder))).isFalse();
    }

    @Test
    void delay_property_wins() {
        assertThat(ArchiveTraining.delay(null)).isEqualTo(Duration.ofSeconds(10));
        assertThat(ArchiveTraining.delay("PT0.5S")).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void delay_noDuration_namesTheProperty() {
        assertThatThrownBy(() -> ArchiveTraining.delay("soon"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("processpool.archiveDelay=soon");
        assertThatThrownBy(() -> ArchiveTraining.delay("PT0S"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("processpool.archiveDelay=PT0S");
    }
}
