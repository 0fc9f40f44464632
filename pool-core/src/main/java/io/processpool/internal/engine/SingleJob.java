package io.processpool.internal.engine;

import io.processpool.ProgressListener;
import io.processpool.TaskOutcome;
import io.processpool.internal.scheduler.Ending;
import io.processpool.internal.scheduler.Job;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A job of one item. */
final class SingleJob<R> extends Job {

    private final ResultDecoder decoder;
    private final DefaultTaskFuture<R> future;
    private final @Nullable ProgressRelay progress;
    private final Tracking tracking;

    /**
     * Makes a job.
     *
     * @param bytes how many the item has
     * @param borrowed whether they are still the caller's: then a cancelled future returns when no more of them are sent
     */
    SingleJob(
            Submitted submitted,
            JobServices services,
            @Nullable ProgressListener listener,
            long bytes,
            boolean borrowed) {
        super(submitted.id(), submitted.function(), submitted.settings());
        this.tracking = submitted.tracking();
        this.decoder = services.decoder();
        Executor callbacks = services.callbacks();
        BiConsumer<Job, Boolean> canceller = services.canceller();
        this.future = new DefaultTaskFuture<>(submitted.id(), callbacks, services.looking(this, bytes), interrupt -> {
            canceller.accept(this, interrupt);
            if (borrowed) {
                services.scheduler().awaitSent(this);
            }
            tracking.cancelled();
        });
        this.progress = listener == null ? null : new ProgressRelay(listener, callbacks);
    }

    DefaultTaskFuture<R> future() {
        return future;
    }

    @Override
    public boolean single() {
        return true;
    }

    @Override
    protected void ended(long first, List<Ending> endings) {
        settle(endings.get(0));
    }

    private void settle(Ending ending) {
        try {
            if (future.settle(new End(ending))) {
                tracking.ended(ending.outcome(), () -> decoder.failureOf(this, 0, ending));
            }
        } catch (OutOfMemoryError e) {
            if (future.settle(DefaultTaskFuture.unkept())) { // whoever waits must not do so for ever
                tracking.ended(TaskOutcome.FAILURE, () -> e);
            }
        }
    }

    /** The end of the item, which does not keep its bytes beside the value: they may be the whole frame that it came in. */
    private final class End extends DefaultTaskFuture.Settled<R> {

        /** Null once it is decoded. */
        private @Nullable Ending ending;

        End(Ending ending) {
            this.ending = ending;
        }

        @Override
        @SuppressWarnings("unchecked")
        @Nullable
        R decode() {
            Ending undecoded = Objects.requireNonNull(ending, "decoded twice");
            ending = null;
            return (R) decoder.decode(SingleJob.this, 0, undecoded);
        }
    }

    @Override
    protected void progressed(long index, long done, long total) {
        if (progress != null) {
            progress.report(done, total);
        }
    }

    @Override
    protected void abandoned(Ending ending) {
        settle(ending);
    }
}
