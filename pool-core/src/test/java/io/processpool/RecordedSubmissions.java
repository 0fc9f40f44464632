package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** An observer that gives each submission the headers that are set, and keeps what it hears. */
final class RecordedSubmissions implements SubmissionObserver {

    /** Enough for a second end to come, if there is one. */
    private static final Duration A_WHILE = Duration.ofMillis(100);

    /** The end of a submission, and the thread that told it. */
    record End(TaskOutcome outcome, @Nullable Throwable failure, String thread) {}

    /** One submission. */
    static final class Recorded implements Submission {
        final String pool;
        final String task;
        final Thread caller = Thread.currentThread();
        final List<Thread> asked = new CopyOnWriteArrayList<>();
        final List<End> ends = new CopyOnWriteArrayList<>();
        private final Map<String, String> headers;

        Recorded(String pool, String task, Map<String, String> headers) {
            this.pool = pool;
            this.task = task;
            this.headers = headers;
        }

        @Override
        public Map<String, String> headers() {
            asked.add(Thread.currentThread());
            return headers;
        }

        @Override
        public void ended(TaskOutcome outcome, @Nullable Throwable failure) {
            ends.add(new End(outcome, failure, Thread.currentThread().getName()));
        }
    }

    final List<Recorded> begun = new CopyOnWriteArrayList<>();
    volatile Map<String, String> headers = Map.of();

    @Override
    public Submission submitted(String poolName, String taskName) {
        Recorded recorded = new Recorded(poolName, taskName, headers);
        begun.add(recorded);
        return recorded;
    }

    /** Waits until all submissions have ended. */
    void awaitEnds() {
        await("ends of " + begun.size() + " submissions")
                .atMost(PoolContract.LONG)
                .until(() -> begun.stream().noneMatch(each -> each.ends.isEmpty()));
    }

    /** Waits until all submissions have ended, and a while for more; returns the end of each. */
    List<End> ends() {
        awaitEnds();
        await("second ends")
                .during(A_WHILE)
                .atMost(PoolContract.LONG)
                .until(() -> begun.stream().allMatch(each -> each.ends.size() == 1));
        return begun.stream().map(each -> each.ends.get(0)).toList();
    }

    /**
     * Returns the end of the only submission to a pool that has ended.
     *
     * @param threads how the names of the pool's threads begin: when all are gone, nobody can tell a second end
     */
    End finalEnd(String threads) {
        await("no threads " + threads)
                .atMost(PoolContract.LONG)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith(threads)));
        assertThat(begun).hasSize(1);
        assertThat(begun.get(0).ends).hasSize(1);
        return begun.get(0).ends.get(0);
    }

    /** Waits for the end of the only submission. */
    End onlyEnd() {
        assertThat(begun).hasSize(1);
        return ends().get(0);
    }
}
