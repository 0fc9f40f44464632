package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EffectsTests {

    @Test
    void run_someThrow_theOthersHappenAndTheFirstFailureIsThrown() {
        Effects effects = new Effects();
        List<String> ran = new ArrayList<>();
        OutOfMemoryError first = new OutOfMemoryError("unable to create native thread");
        IllegalStateException second = new IllegalStateException("a bug");
        effects.then(() -> {
            throw first;
        });
        effects.then(() -> ran.add("between"));
        effects.then(() -> {
            throw second;
        });
        effects.then(() -> ran.add("after"));

        assertThatThrownBy(effects::run).isSameAs(first).hasSuppressedException(second);

        assertThat(ran).containsExactly("between", "after");
    }
}
