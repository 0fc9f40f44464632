package io.processpool.sample;

import io.processpool.ProgressListener;
import me.tongfei.progressbar.ProgressBar;

/** The share of one document in the common progress bar. Thread-safe: its end may overtake its last report. */
final class PageProgress implements ProgressListener {

    private final ProgressBar bar;
    private final int pages;
    private long done;
    private boolean ended;

    PageProgress(ProgressBar bar, int pages) {
        this.bar = bar;
        this.pages = pages;
    }

    @Override
    public synchronized void progress(long done, long total) {
        if (!ended && done > this.done) {
            bar.stepBy(done - this.done);
            this.done = done;
        }
    }

    /**
     * The document has ended. If it has failed, nobody will read its other pages, and the bar does not wait for them.
     */
    synchronized void end(boolean succeeded) {
        if (succeeded) {
            progress(pages, pages);
        } else {
            synchronized (bar) {
                bar.maxHint(bar.getMax() - (pages - done));
            }
        }
        ended = true;
    }
}
