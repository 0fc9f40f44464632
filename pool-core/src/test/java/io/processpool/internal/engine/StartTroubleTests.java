package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StartTroubleTests {

    private final StartTrouble trouble = new StartTrouble();

    /** A worker that was launched after all that is known fails. */
    private void fail() {
        trouble.failed(System.nanoTime());
    }

    @Test
    void pause_noFailure_isNone() {
        assertThat(trouble.pause()).isZero();
        assertThat(trouble.failures()).isZero();
    }

    @Test
    void pause_firstFailure_isNone() {
        fail();

        assertThat(trouble.pause()).isZero();
        assertThat(trouble.failures()).isEqualTo(1);
    }

    @Test
    void pause_moreFailures_doublesUpToHalfAMinute() {
        fail();
        Duration expected = Duration.ofMillis(100);
        for (int failure = 2; failure <= 60; failure++) {
            long before = System.nanoTime();
            fail();
            long pause = trouble.pause();
            long elapsed = System.nanoTime() - before;

            assertThat(pause)
                    .as("after failure %d", failure)
                    .isBetween(expected.toNanos() - elapsed, expected.toNanos());
            assertThat(trouble.failures()).isEqualTo(failure);
            Duration doubled = expected.multipliedBy(2);
            expected = doubled.compareTo(Duration.ofSeconds(30)) > 0 ? Duration.ofSeconds(30) : doubled;
        }
    }

    @Test
    void failed_launchedBeforeTheLastFailureWasKnown_isTheSameAttempt() {
        long launched = System.nanoTime();
        long others = launched - 1;
        trouble.failed(launched);

        trouble.failed(others);
        trouble.failed(others);

        assertThat(trouble.failures()).isEqualTo(1);
        assertThat(trouble.pause()).isZero();
        fail();
        assertThat(trouble.failures()).isEqualTo(2);
    }

    @Test
    void lasting_threeFailuresInARow_isTheLastUntilItIsOver() {
        for (int failure = 1; failure <= 3; failure++) {
            assertThat(trouble.lasting()).as("before failure %d", failure).isNull();
            fail();
            trouble.explain("failure " + failure, false);
        }
        assertThat(trouble.lasting()).isEqualTo("failure 3");

        trouble.over();

        assertThat(trouble.lasting()).isNull();
    }

    // Whoever kills workers at random does not mean that none can start.
    @Test
    void lasting_sevenWereKilledByOthers_isTheLast() {
        for (int failure = 1; failure <= 7; failure++) {
            assertThat(trouble.lasting()).as("before failure %d", failure).isNull();
            fail();
            trouble.explain("failure " + failure, true);
        }

        assertThat(trouble.lasting()).isEqualTo("failure 7");
    }

    @Test
    void lasting_theLastOfThreeWasNotKilled_isThat() {
        fail();
        trouble.explain("killed", true);
        fail();
        trouble.explain("killed", true);
        fail();
        trouble.explain("exit code 1", false);

        assertThat(trouble.lasting()).isEqualTo("exit code 1");
    }

    @Test
    void over_afterFailures_beginsAnew() {
        for (int i = 0; i < 5; i++) {
            fail();
        }
        assertThat(trouble.pause()).isPositive();

        trouble.over();

        assertThat(trouble.pause()).isZero();
        assertThat(trouble.failures()).isZero();
        fail();
        assertThat(trouble.pause()).as("at once after the first failure").isZero();
    }
}
