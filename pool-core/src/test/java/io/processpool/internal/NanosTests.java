package io.processpool.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NanosTests {

    @Test
    void of_ordinaryDuration_isItsNanoseconds() {
        assertThat(Nanos.of(Duration.ofMillis(1))).isEqualTo(1_000_000);
        assertThat(Nanos.of(Duration.ZERO)).isZero();
    }

    @Test
    void of_forEver_canBeAddedToAnyTime() {
        for (Duration forEver : new Duration[] {
            ChronoUnit.FOREVER.getDuration(), Duration.ofSeconds(Long.MAX_VALUE), Duration.ofDays(365_000)
        }) {
            long nanos = Nanos.of(forEver);

            assertThat(nanos).isGreaterThan(Duration.ofDays(50 * 365).toNanos());
            assertThat(System.nanoTime() + nanos + nanos).isGreaterThan(System.nanoTime());
        }
    }

    @Test
    void of_negative_isZero() {
        assertThat(Nanos.of(Duration.ofNanos(-5))).isZero();
        assertThat(Nanos.of(Duration.ofSeconds(Long.MIN_VALUE))).isZero();
    }

    @Test
    void orZero_none_isZero() {
        assertThat(Nanos.orZero(null)).isZero();
        assertThat(Nanos.orZero(Duration.ofSeconds(1))).isEqualTo(1_000_000_000);
    }
}
