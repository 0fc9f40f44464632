package io.processpool.sample.worker;

import io.processpool.TaskRunnable;
import java.io.Serial;

/** What a new worker does first, as {@code application.yml} says: {@link PdfTasks#prepareWorker()}. */
public final class PrepareWorker implements TaskRunnable {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Made by the starter, which names this class in its settings. */
    public PrepareWorker() {}

    @Override
    public void run() {
        PdfTasks.prepareWorker();
    }
}
