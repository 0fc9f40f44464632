package io.processpool.spring;

import io.processpool.WorkerStartException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Explains an application that did not start because a pool could not start a worker. */
final class WorkerStartFailureAnalyzer extends AbstractFailureAnalyzer<WorkerStartException> {

    private static final String ACTION = """
            Read above what the worker said, and correct the property that it is about. Workers are launched as these say,\
             below 'processpool' for all pools or below 'processpool.pools.<name>' for one of them:

                initializer
                jvm-arguments, max-heap, environment, working-directory, command-prefix
                class-path, class-path-entries
                start-timeout

            With 'start: eager' in place of 'ready' the application starts all the same, and the tasks of this pool fail until\
             a worker can be started.""";

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, WorkerStartException cause) {
        return new FailureAnalysis(
                "A process pool could not start any worker:\n\n    "
                        + String.valueOf(cause.getMessage()).replace("\n", "\n    "),
                ACTION,
                cause);
    }
}
