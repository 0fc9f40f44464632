package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.TaskFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FirstSuccessTests {

    // Else what is queued might begin when what runs has been stopped.
    @Test
    void of_timesOut_cancelsWhatWasSubmittedLastFirst() {
        List<Long> cancelled = new ArrayList<>();
        List<TaskFuture<String>> futures = LongStream.range(0, 4)
                .<TaskFuture<String>>mapToObj(id ->
                        new DefaultTaskFuture<>(id, Runnable::run, condition -> {}, interrupt -> cancelled.add(id)))
                .toList();

        assertThatThrownBy(() -> new FirstSuccess<String>().of(futures, 1)).isInstanceOf(TimeoutException.class);

        assertThat(cancelled).containsExactly(3L, 2L, 1L, 0L);
    }
}
