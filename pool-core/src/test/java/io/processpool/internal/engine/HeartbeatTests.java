package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HeartbeatTests {

    private final Heartbeat heartbeat = new Heartbeat();

    @Test
    void isAnswer_toWhatWasAsked_once() {
        long nonce = heartbeat.ask();

        assertThat(heartbeat.isAnswer(nonce)).isTrue();
        assertThat(heartbeat.isAnswer(nonce)).as("again").isFalse();
    }

    @Test
    void isAnswer_toWhatNobodyAsked_isFalse() {
        assertThat(heartbeat.isAnswer(0)).isFalse();
        long nonce = heartbeat.ask();

        assertThat(heartbeat.isAnswer(nonce + 1))
                .as("the next number is not the next question's")
                .isFalse();
        assertThat(heartbeat.isAnswer(nonce))
                .as("a wrong answer spoils nothing")
                .isTrue();
    }

    @Test
    void isAnswer_severalInOrder_allCount() {
        long first = heartbeat.ask();
        long second = heartbeat.ask();
        long third = heartbeat.ask();

        assertThat(heartbeat.isAnswer(first)).isTrue();
        assertThat(heartbeat.isAnswer(third)).isTrue();
        assertThat(heartbeat.isAnswer(second))
                .as("asked before another that was answered")
                .isFalse();
    }

    @Test
    void ask_withoutAnswers_keepsOnlyTheLast() {
        long first = heartbeat.ask();
        Set<Long> all = new HashSet<>();
        long last = first;
        for (int i = 0; i < 1000; i++) {
            last = heartbeat.ask();
            all.add(last);
        }

        assertThat(all).hasSize(1000);
        assertThat(heartbeat.isAnswer(first)).isFalse();
        assertThat(heartbeat.isAnswer(last)).isTrue();
    }
}
