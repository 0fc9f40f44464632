package io.processpool.internal.scheduler;

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

    // The endings, in three columns.
    private final List<Job> jobs = new ArrayList<>();
    private final List<Ending> endings = new ArrayList<>();
    private long[] indexes = new long[4];

    void flush(Channel channel) {
        if (!channels.contains(channel)) {
            channels.add(channel);
        }
    }

    void deliver(Job job, long index, Ending ending) {
        int at = jobs.size();
        if (at == indexes.length) {
            indexes = java.util.Arrays.copyOf(indexes, at * 2);
        }
        indexes[at] = index;
        jobs.add(job);
        endings.add(ending);
    }

    void then(Runnable action) {
        actions.add(action);
    }

    void run() {
        for (Channel channel : channels) {
            channel.flush();
        }
        for (int i = 0; i < jobs.size(); i++) {
            jobs.get(i).ended(indexes[i], endings.get(i));
        }
        for (Runnable action : actions) {
            action.run();
        }
    }
}
