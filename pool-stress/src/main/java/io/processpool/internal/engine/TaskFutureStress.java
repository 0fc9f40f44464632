package io.processpool.internal.engine;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/** The end of a task and its cancellation at the same moment. */
public class TaskFutureStress {

    private static final class Five extends DefaultTaskFuture.Settled<Integer> {
        @Override
        Integer decode() {
            return 5;
        }
    }

    private static final class Fixture {
        final AtomicInteger cancelled = new AtomicInteger();
        final DefaultTaskFuture<Integer> future =
                new DefaultTaskFuture<>(1, Runnable::run, condition -> {}, interrupt -> cancelled.incrementAndGet());
    }

    /** One of them wins, all are told the same, and a dependent stage runs once. */
    @JCStressTest
    @Outcome(id = "1, 0, 0, 1", expect = ACCEPTABLE, desc = "it has ended")
    @Outcome(id = "0, 1, 1, 1", expect = ACCEPTABLE, desc = "it was cancelled")
    @Outcome(expect = FORBIDDEN, desc = "both, or neither, or a stage that did not run once")
    @State
    public static class EndOrCancel {

        private final Fixture fixture = new Fixture();
        private final AtomicInteger stages = new AtomicInteger();

        /** Somebody has something done at the end. */
        public EndOrCancel() {
            var unused = fixture.future.whenComplete((value, failure) -> stages.incrementAndGet());
        }

        /** Who reads the channel. */
        @Actor
        public void settle(IIII_Result result) {
            result.r1 = fixture.future.settle(new Five()) ? 1 : 0;
        }

        /** A caller that cancels. */
        @Actor
        public void cancel(IIII_Result result) {
            result.r2 = fixture.future.cancel(true) ? 1 : 0;
        }

        /** When all is over. */
        @Arbiter
        public void look(IIII_Result result) {
            result.r3 = fixture.future.isCancelled() ? 1 : 0;
            result.r4 = stages.get();
        }
    }

    /** A dependent stage that is added while the task ends runs once. */
    @JCStressTest
    @Outcome(id = "1, 5", expect = ACCEPTABLE, desc = "it has run, with the value")
    @Outcome(expect = FORBIDDEN, desc = "it has not run, twice, or without the value")
    @State
    public static class EndOrDepend {

        private final Fixture fixture = new Fixture();
        private final AtomicInteger stages = new AtomicInteger();
        private final AtomicInteger values = new AtomicInteger();

        /** Who reads the channel. */
        @Actor
        public void settle() {
            fixture.future.settle(new Five());
        }

        /** A caller that has something done at the end. */
        @Actor
        public void depend() {
            var unused = fixture.future.thenAccept(value -> {
                stages.incrementAndGet();
                values.addAndGet(value);
            });
        }

        /** When all is over. */
        @Arbiter
        public void look(II_Result result) {
            result.r1 = stages.get();
            result.r2 = values.get();
        }
    }

    /** A task that is submitted through a view while it is cancelled: what runs is cancelled, too. */
    @JCStressTest
    @Outcome(id = "true, false, true", expect = ACCEPTABLE, desc = "cancelled before it was submitted")
    @Outcome(id = "true, true, true", expect = ACCEPTABLE, desc = "submitted, and cancelled then")
    @Outcome(expect = FORBIDDEN, desc = "cancelled for its caller, but it runs on")
    @State
    public static class SubmitOrCancel {

        private final Fixture fixture = new Fixture();
        private final AtomicInteger submissions = new AtomicInteger();
        private final ViewFuture<Integer> view = new ViewFuture<>(() -> {
            submissions.incrementAndGet();
            return fixture.future;
        });

        /** Who submits. */
        @Actor
        public void submit() {
            view.submit();
        }

        /** Who cancels. */
        @Actor
        public void cancel(ZZZ_Result result) {
            result.r1 = view.cancel(true);
        }

        /** When all is over: whether it was submitted, and whether it is cancelled wherever it is. */
        @Arbiter
        public void look(ZZZ_Result result) {
            boolean submitted = submissions.get() == 1;
            result.r2 = submitted;
            result.r3 = view.isCancelled() && submitted == (fixture.cancelled.get() > 0);
        }
    }
}
