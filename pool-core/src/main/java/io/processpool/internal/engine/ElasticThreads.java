package io.processpool.internal.engine;

import io.processpool.internal.Shortage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what may block: as many threads as there is to do, for a few seconds longer. Nothing that it is given gets lost: the
 * end of a worker that nobody dealt with would keep its task for ever, and a map without its feeder would never end. So if
 * the system has no more threads, it tries again until there are some. After the shutdown it takes nothing.
 */
final class ElasticThreads extends ThreadPoolExecutor {

    private static final Logger LOG = LoggerFactory.getLogger(ElasticThreads.class);

    private final ScheduledExecutorService timer;

    /**
     * Makes one.
     *
     * @param timer tries again; its own thread must be there already
     */
    ElasticThreads(NamedThreads threads, ScheduledExecutorService timer) {
        super(0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), threads, new DiscardPolicy());
        this.timer = timer;
    }

    @Override
    public void execute(Runnable chore) {
        try {
            super.execute(chore);
        } catch (OutOfMemoryError e) {
            LOG.debug("no thread to be had, trying again soon", e);
            timer.schedule(() -> execute(chore), Shortage.PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
