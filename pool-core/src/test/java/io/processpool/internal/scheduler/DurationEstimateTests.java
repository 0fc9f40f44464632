package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DurationEstimateTests {

    private final DurationEstimate estimate = new DurationEstimate();

    private void learn(long nanos, int times) {
        for (int i = 0; i < times; i++) {
            estimate.learn(nanos, 1);
        }
    }

    @Test
    void nothingKnown_oneItemThatTakesLong() {
        assertThat(estimate.batchSize()).isEqualTo(1);
        assertThat(estimate.nanosPerItem()).isEqualTo(100_000_000);
    }

    @Test
    void learn_quickItems_doublesStepByStep() {
        int[] expected = {2, 4, 8, 16, 32, 64, 100, 100};
        for (int size : expected) {
            learn(10_000, 1);
            assertThat(estimate.batchSize()).isEqualTo(size);
        }
        assertThat(estimate.nanosPerItem()).isEqualTo(10_000);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 4096",
        "100, 4096",
        "1000, 1000",
        "250000, 4",
        "500000, 2",
        "500001, 1",
        "1000000, 1",
        "3600000000000, 1",
        "0, 4096",
    })
    void learn_steadyItems_makeAMillisecondOfWork(long nanos, int batch) {
        learn(nanos, 20);

        assertThat(estimate.batchSize()).isEqualTo(batch);
    }

    @Test
    void learn_firstCallIsSlow_isForgottenSoon() {
        learn(200_000_000, 1);
        learn(1_000, 20);

        assertThat(estimate.nanosPerItem()).isLessThan(5_000);
        assertThat(estimate.batchSize()).isGreaterThan(100);
    }

    @Test
    void learn_itemsBecomeSlow_shrinksAtOnce() {
        learn(1_000, 20);
        assertThat(estimate.batchSize()).isEqualTo(1000);

        learn(10_000_000, 1);

        assertThat(estimate.batchSize()).isEqualTo(1);
    }

    @Test
    void learn_severalTogether_takesTheMean() {
        estimate.learn(1_000_000, 10);

        assertThat(estimate.nanosPerItem()).isEqualTo(100_000);
    }

    @Test
    void learn_onlyNumbersThatALiarWouldSend_staysWithinBounds() {
        long[] lies = {Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE / 2, 0, Long.MAX_VALUE, 1, Long.MAX_VALUE};
        for (long lie : lies) {
            learn(lie, 3);
            assertThat(estimate.batchSize()).isBetween(1, 4096);
            assertThat(estimate.nanosPerItem()).isPositive();
        }
    }

    /** Four times the first and the second are 2^64. */
    @Test
    void learn_numbersWhoseSumWouldBeZero_doesNotDivideByIt() {
        learn((1L << 61) + 1, 1);
        learn(Long.MAX_VALUE - 3, 1);

        assertThat(estimate.batchSize()).isOne();
        assertThat(estimate.nanosPerItem() * 4096).as("work of a batch").isPositive();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5, 12, 1000})
    void learn_manyItemsAtOnce_isAsOneByOne(int items) {
        DurationEstimate oneByOne = new DurationEstimate();
        oneByOne.learn(5_000_000, 1);
        estimate.learn(5_000_000, 1);

        for (int i = 0; i < Math.min(items, 12); i++) {
            oneByOne.learn(2_000, 1);
        }
        estimate.learn(2_000L * items, items);

        assertThat(estimate.nanosPerItem()).isEqualTo(oneByOne.nanosPerItem());
        assertThat(estimate.batchSize()).isGreaterThanOrEqualTo(oneByOne.batchSize());
    }

    @Test
    void tiny_nothingKnown_isNot() {
        assertThat(estimate.tiny()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"20000, true", "21000, false"})
    void tiny_steadyItems_upToTwentyMicroseconds(long nanos, boolean tiny) {
        learn(nanos, 20);

        assertThat(estimate.tiny()).isEqualTo(tiny);
    }

    @Test
    void tiny_quickItemOfALongBatchThatLostItsProcessor_staysTiny() {
        estimate.learn(1_000_000, 1_000);
        estimate.learn(10_000_000, 1);

        assertThat(estimate.nanosPerItem())
                .as("one item makes the estimate rise")
                .isGreaterThan(1_000_000);
        assertThat(estimate.tiny()).isTrue();
    }

    @Test
    void tiny_someOfWhichBlock_isNot() {
        estimate.learn(1_000_000, 1_000);
        for (int i = 0; i < 3; i++) {
            learn(1_000, 10);
            learn(20_000_000, 1);
        }

        assertThat(estimate.tiny()).isFalse();
    }
}
