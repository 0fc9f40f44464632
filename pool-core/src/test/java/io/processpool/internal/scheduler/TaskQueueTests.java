package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TaskQueueTests {

    private final SchedulerFixture fixture = new SchedulerFixture();
    private final TaskQueue queue = new TaskQueue();

    private Chunk chunk(int priority, int items) {
        Job job = fixture.job(fixture.function(), SchedulerFixture.priority(priority), false);
        return SchedulerFixture.chunk(job, 0, items, false);
    }

    /** Takes everything, up to so many items at once; returns which items, like {@code 1/0-2}. */
    private List<String> takeAll(int limit) {
        List<String> taken = new ArrayList<>();
        Chunk next = queue.peek();
        while (next != null) {
            Chunk chunk = queue.poll(next, limit);
            taken.add(chunk.job().id() + "/" + chunk.first() + "-" + (chunk.first() + chunk.count() - 1));
            next = queue.peek();
        }
        return taken;
    }

    @Test
    void peek_empty_isNull() {
        assertThat(queue.peek()).isNull();
        assertThat(queue.items()).isZero();
    }

    @Test
    void poll_wholeChunks_byPriorityAndArrival() {
        queue.addLast(chunk(0, 1));
        queue.addLast(chunk(1, 2));
        queue.addLast(chunk(-1, 3));
        queue.addLast(chunk(1, 1));
        queue.addLast(chunk(0, 1));
        assertThat(queue.items()).isEqualTo(8);

        assertThat(takeAll(100)).containsExactly("2/0-1", "4/0-0", "1/0-0", "5/0-0", "3/0-2");
        assertThat(queue.items()).isZero();
    }

    @Test
    void poll_partOfAChunk_leavesTheRestInItsPlace() {
        queue.addLast(chunk(0, 5));
        queue.addLast(chunk(0, 3));

        assertThat(takeAll(2)).containsExactly("1/0-1", "1/2-3", "1/4-4", "2/0-1", "2/2-2");
    }

    @Test
    void addFirst_comesBeforeAllOfItsPriority() {
        queue.addLast(chunk(0, 1));
        queue.addLast(chunk(1, 1));
        queue.addFirst(chunk(0, 1));

        assertThat(takeAll(1)).containsExactly("2/0-0", "3/0-0", "1/0-0");
    }

    @Test
    void forget_cancelledJob_leavesTheCountAtOnceAndTheQueueLater() {
        Chunk kept = chunk(0, 2);
        Chunk forgotten = chunk(0, 3);
        queue.addLast(forgotten);
        queue.addLast(kept);
        queue.addLast(SchedulerFixture.chunk(forgotten.job(), 3, 4, false));
        forgotten.job().cancelled = true;

        assertThat(queue.forget(forgotten.job())).isEqualTo(7);

        assertThat(queue.items()).isEqualTo(2);
        assertThat(queue.forget(forgotten.job())).isZero();
        assertThat(takeAll(10)).containsExactly("1/0-1");
        assertThat(queue.items()).isZero();
    }

    @Test
    void forget_lastJob_emptiesTheQueue() {
        Chunk chunk = chunk(3, 2);
        queue.addLast(chunk);
        chunk.job().cancelled = true;

        queue.forget(chunk.job());

        assertThat(queue.peek()).isNull();
        assertThat(queue.items()).isZero();
    }

    @Test
    void poll_oneByOne_countsEachItem() {
        queue.addLast(chunk(0, 3));

        for (int left = 3; left > 0; left--) {
            assertThat(queue.items()).isEqualTo(left);
            queue.poll(queue.peek(), 1);
        }
        assertThat(queue.items()).isZero();
    }
}
