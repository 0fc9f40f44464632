package io.processpool.internal.scheduler;

import io.processpool.internal.FirstFailure;
import io.processpool.internal.transport.Channel;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to be done once the lock is released: channels to flush, endings to deliver, and the like. The channels come
 * first, so that workers are busy again before anything else happens.
 */
final class Effects {

    private final List<Channel> channels = new ArrayList<>(2);
    private final List<Runnable> actions = new ArrayList<>(2);

    private final List<Run> runs = new ArrayList<>(2);

    /** Endings of consecutive items of a job. */
    private record Run(Job job, long first, List<Ending> endings) {}

    void flush(Channel channel) {
        if (!channels.contains(channel)) {
            channels.add(channel);
        }
    }

    void deliver(Job job, long index, Ending ending) {
        Run last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
        if (last == null
                || last.job() != job
                || last.first() + last.endings().size() != index
                || last.endings() instanceof ScalarRun) {
            last = new Run(job, index, new ArrayList<>(job.single() ? 1 : 16));
            runs.add(last);
        }
        last.endings().add(ending);
    }

    /** Consecutive items have returned scalars. */
    void deliver(Job job, long first, ScalarRun endings) {
        runs.add(new Run(job, first, endings));
    }

    void then(Runnable action) {
        actions.add(action);
    }

    /** Has all of them, whatever some throw: each may be what a job waits for. Throws the first failure at the end. */
    void run() {
        FirstFailure failure = new FirstFailure();
        for (Channel channel : channels) {
            failure.run(channel::flush);
        }
        for (Run run : runs) {
            failure.run(() -> run.job().ended(run.first(), run.endings()));
        }
        for (Runnable action : actions) {
            failure.run(action);
        }
        failure.throwIfAny();
    }
}
