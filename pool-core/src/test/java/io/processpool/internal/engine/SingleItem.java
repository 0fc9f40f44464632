package io.processpool.internal.engine;

import io.processpool.TaskCallable;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.scheduler.Ending;
import io.processpool.internal.scheduler.Functions;
import io.processpool.internal.scheduler.Job;
import io.processpool.internal.wire.FunctionKind;
import java.util.ArrayList;
import java.util.List;

/** A job of one item, which notes how that ended. */
final class SingleItem extends Job {

    final List<Ending> endings = new ArrayList<>();

    /** What is done when it ends. */
    Runnable atItsEnd = () -> {};

    SingleItem() {
        this(0);
    }

    SingleItem(long timeoutNanos) {
        super(
                1,
                new Functions().register((TaskCallable<Integer>) () -> 1, FunctionKind.CALLABLE),
                new Settings("one", timeoutNanos, 0, 0, Bytes.EMPTY));
    }

    @Override
    public boolean single() {
        return true;
    }

    @Override
    protected void ended(long first, List<Ending> newEndings) {
        endings.addAll(newEndings);
        atItsEnd.run();
    }

    @Override
    protected void abandoned(Ending ending) {
        endings.add(ending);
    }
}
