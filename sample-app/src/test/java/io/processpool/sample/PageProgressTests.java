package io.processpool.sample;

import static org.assertj.core.api.Assertions.assertThat;

import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PageProgressTests {

    private final ProgressBar bar = new ProgressBarBuilder()
            .setInitialMax(10)
            .setConsumer(new DelegatingProgressBarConsumer(line -> {}, 80))
            .build();

    private final PageProgress progress = new PageProgress(bar, 4);

    @AfterEach
    void tearDown() {
        bar.close();
    }

    @Test
    void end_success_countsAllPagesOnce() {
        progress.progress(1, 4);
        progress.progress(3, 4);
        progress.end(true);
        progress.progress(4, 4);

        assertThat(bar.getCurrent()).isEqualTo(4);
        assertThat(bar.getMax()).isEqualTo(10);
    }

    @Test
    void end_failure_doesNotWaitForTheRest() {
        progress.progress(1, 4);
        progress.end(false);
        progress.progress(2, 4);

        assertThat(bar.getCurrent()).isEqualTo(1);
        assertThat(bar.getMax()).isEqualTo(7);
    }
}
