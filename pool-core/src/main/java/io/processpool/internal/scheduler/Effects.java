package io.processpool.internal.scheduler;

import io.processpool.internal.FirstFailure;
import io.processpool.internal.transport.Channel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done once the lock is released: channels to flush, endings to deliver, and the like. The channels come
 * first, so that workers are busy again before anything else happens.
 *
 * <p>There may be no memory left. What is added is added whole or, if that throws, not at all; and to have the effects takes
 * none, apart from what they do themselves.
 */
final class Effects {

    private final List<Channel> channels = new ArrayList<>(2);
    private final List<Runnable> actions = new ArrayList<>(2);

    private final List<Run> runs = new ArrayList<>(2);
    private final FirstFailure failure = new FirstFailure();

    /** Who is told that no job is open any more, or null if some are. */
    private @Nullable SchedulerEvents drained;

    /** Endings of consecutive items of a job. */
    record Run(Job job, long first, List<Ending> endings) {}

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
            last.endings().add(ending);
            runs.add(last);
        } else {
            last.endings().add(ending);
        }
    }

    /** Consecutive items have ended. */
    void deliver(Job job, long first, List<Ending> endings) {
        runs.add(new Run(job, first, endings));
    }

    /** Items of several jobs have ended, all of them or, if that throws, none. */
    void deliver(List<Run> ended) {
        runs.addAll(ended);
    }

    void then(Runnable action) {
        actions.add(action);
    }

    /** No job is open any more. Takes no memory: whoever waits for the end of the pool waits for this. */
    void drained(SchedulerEvents events) {
        drained = events;
    }

    /** Has all of them, whatever some throw: each may be what a job waits for. Throws the first failure at the end. */
    void run() {
        for (int i = 0; i < channels.size(); i++) { // neither an iterator nor a lambda, which would take memory
            try {
                channels.get(i).flush();
            } catch (Throwable e) { // of whatever kind: the others are somebody else's
                failure.keep(e);
            }
        }
        for (int i = 0; i < runs.size(); i++) {
            try {
                Run run = runs.get(i);
                run.job().ended(run.first(), run.endings());
            } catch (Throwable e) { // as above
                failure.keep(e);
            }
        }
        for (int i = 0; i < actions.size(); i++) {
            failure.run(actions.get(i));
        }
        if (drained != null) {
            try {
                drained.drained();
            } catch (Throwable e) { // as above
                failure.keep(e);
            }
        }
        failure.throwIfAny();
    }
}
