package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.wire.FlightRecorder;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ProtocolException;
import io.processpool.internal.wire.Records;
import io.processpool.internal.wire.ResultRecord;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The worker at the other end of a lane, step by step: it hears, begins an item, ends it, sends results, answers recalls,
 * dies. It behaves as {@code WorkerSession} does, and checks that what it is told makes sense.
 */
final class FakeWorker {

    /** Begins a value that nobody decodes before it is asked for. */
    static final int OBJECT = 10;

    /** An item as the worker sees it. */
    record Item(long job, long index) {
        @Override
        public String toString() {
            return job + "/" + index;
        }
    }

    private static final class Work {
        private final int id;
        private final List<Item> items;
        private int next;
        private int end;

        Work(int id, List<Item> items) {
            this.id = id;
            this.items = items;
            this.end = items.size();
        }
    }

    private final Scheduler scheduler;
    private final RecordingChannel channel;
    private final Lane lane;
    private final boolean hasRecorder;
    private final Set<Integer> functions = new HashSet<>();
    private final ArrayDeque<Work> work = new ArrayDeque<>();
    private final List<Message> heard = new ArrayList<>();
    private final ArrayDeque<Message.Recall> recalls = new ArrayDeque<>();
    private final Set<String> cancelled = new HashSet<>();

    private @Nullable Work runningIn;
    private int runningIndex;
    private final BytesOut unsent = new BytesOut();
    private final List<ResultRecord> recorded = new ArrayList<>();
    private boolean started;
    private int startedBatch;
    private int startedIndex;
    private int begun;

    FakeWorker(Scheduler scheduler, RecordingChannel channel, Lane lane, boolean hasRecorder) {
        this.scheduler = scheduler;
        this.channel = channel;
        this.lane = lane;
        this.hasRecorder = hasRecorder;
    }

    Lane lane() {
        return lane;
    }

    RecordingChannel channel() {
        return channel;
    }

    // ---- what it hears --------------------------------------------------------------------------------------------

    /** Takes in what has arrived. */
    FakeWorker hear() {
        for (Message message : channel.take()) {
            heard.add(message);
            if (message instanceof Message.Function function) {
                assertThat(functions.add(function.id()))
                        .as("told function %d twice", function.id())
                        .isTrue();
            } else if (message instanceof Message.Forget forget) {
                assertThat(functions.remove(forget.id()))
                        .as("forgets function %d", forget.id())
                        .isTrue();
            } else if (message instanceof Message.Tasks tasks) {
                accept(tasks);
            } else if (message instanceof Message.Recall recall) {
                recalls.add(recall);
            } else if (message instanceof Message.Cancel cancel) {
                cancelled.add(cancel.batch() + "/" + cancel.index());
            } else {
                assertThat(message).isInstanceOfAny(Message.StackRequest.class, Message.StandBy.class);
            }
        }
        return this;
    }

    private void accept(Message.Tasks tasks) {
        if (tasks.function() != 0) {
            assertThat(functions).as("known functions").contains(tasks.function());
        }
        List<Item> items = new ArrayList<>();
        try {
            BytesIn in = tasks.items().open();
            for (int i = 0; i < tasks.count(); i++) {
                BytesIn item = in.readBytes(in.readVarLong()).open();
                items.add(new Item(item.readVarLong(), item.readVarLong()));
                assertThat(item.remaining()).isZero();
            }
            assertThat(in.remaining()).as("bytes behind the items").isZero();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        work.add(new Work(tasks.batch(), items));
    }

    /** Returns the messages that it has heard since the last call. */
    List<Message> messages() {
        hear();
        List<Message> taken = List.copyOf(heard);
        heard.clear();
        return taken;
    }

    /** Returns the items of each batch that it has heard of since the last call, like {@code [1/0, 1/1]}. */
    List<List<String>> batches() {
        List<List<String>> batches = new ArrayList<>();
        for (Message message : messages()) {
            if (message instanceof Message.Tasks tasks) {
                work.stream()
                        .filter(known -> known.id == tasks.batch())
                        .forEach(known -> batches.add(
                                known.items.stream().map(Item::toString).toList()));
            }
        }
        return batches;
    }

    /** Returns the items that it has and has not begun. */
    List<String> waiting() {
        hear();
        List<String> waiting = new ArrayList<>();
        for (Work each : work) {
            each.items.subList(each.next, each.end).forEach(item -> waiting.add(item.toString()));
        }
        return waiting;
    }

    /** Returns the number of the batch that it works on, or will next. */
    int batch() {
        hear();
        return work.element().id;
    }

    // ---- what it does ---------------------------------------------------------------------------------------------

    /** Begins the next item; returns null if there is none, or one is running. */
    @Nullable
    Item begin() {
        hear();
        if (runningIn != null) {
            return null;
        }
        Work first = work.peek();
        while (first != null && first.next >= first.end) {
            work.remove();
            first = work.peek();
        }
        if (first == null) {
            return null;
        }
        runningIn = first;
        runningIndex = first.next++;
        started = true;
        startedBatch = first.id;
        startedIndex = runningIndex;
        begun++;
        return first.items.get(runningIndex);
    }

    boolean isRunning() {
        return runningIn != null;
    }

    /** Returns how many items it has begun. */
    int begun() {
        return begun;
    }

    boolean isRunningCancelled() {
        Work in = runningIn;
        return in != null && cancelled.contains(in.id + "/" + runningIndex);
    }

    /** Ends the running item; the result is not sent before {@link #flush}, except that none waits without a recorder. */
    void end(ItemStatus status, long nanos) throws ProtocolException {
        Work in = runningIn;
        assertThat(in).as("a running item").isNotNull();
        BytesOut payload = new BytesOut();
        Item item = in.items.get(runningIndex);
        payload.write(OBJECT);
        payload.writeVarLong(item.job());
        payload.writeVarLong(item.index());
        Bytes bytes = payload.take();
        Records.write(unsent, in.id, runningIndex, status, nanos, bytes);
        recorded.add(new ResultRecord(in.id, runningIndex, status, nanos, bytes));
        runningIn = null;
        if (!hasRecorder) {
            flush();
        }
    }

    /** Sends the results that wait. */
    void flush() throws ProtocolException {
        if (unsent.length() > 0) {
            recorded.clear();
            scheduler.results(lane, unsent.take());
            hear();
        }
    }

    /** Sends the results that wait, and dies before it can note that it did. */
    void flushWithoutClearing() throws ProtocolException {
        if (unsent.length() > 0) {
            scheduler.results(lane, unsent.take());
        }
    }

    /** Runs so many items, each for so long, and sends their results together. */
    List<String> run(int items, long nanos) throws ProtocolException {
        List<String> ran = runUnsent(items, nanos);
        flush();
        return ran;
    }

    /** Runs so many items, each for so long; their results are not sent yet, except that none waits without a recorder. */
    List<String> runUnsent(int items, long nanos) throws ProtocolException {
        List<String> ran = new ArrayList<>();
        for (int i = 0; i < items; i++) {
            Item item = begin();
            assertThat(item).as("item %d of %d", i + 1, items).isNotNull();
            ran.add(item.toString());
            end(ItemStatus.VALUE, nanos);
        }
        return ran;
    }

    /** Runs whatever it is given until there is no more; the results of each batch leave together. */
    List<String> runAll(long nanos) throws ProtocolException {
        List<String> ran = new ArrayList<>();
        int waiting = waiting().size();
        while (waiting > 0) {
            ran.addAll(run(waiting, nanos));
            waiting = waiting().size();
        }
        return ran;
    }

    /** Answers a recall; returns whether there was one. */
    boolean answerRecall() throws ProtocolException {
        hear();
        Message.Recall recall = recalls.poll();
        if (recall == null) {
            return false;
        }
        for (Work each : work) {
            if (each.id == recall.batch()) {
                each.end = each.next;
                scheduler.returned(lane, new Message.Returned(each.id, each.next));
                break;
            }
        }
        hear();
        return true;
    }

    void answerRecalls() throws ProtocolException {
        boolean answered = true;
        while (answered) {
            answered = answerRecall();
        }
    }

    /** Tells where the running item is. */
    void sendStack(String... hexDigits) {
        Work in = runningIn;
        assertThat(in).as("a running item").isNotNull();
        String digits = String.join("", hexDigits);
        scheduler.stack(
                lane,
                new Message.Stack(
                        in.id, runningIndex, Bytes.of(java.util.HexFormat.of().parseHex(digits))));
    }

    // ---- how it dies ----------------------------------------------------------------------------------------------

    /** Returns what its flight recorder holds. */
    FlightRecorder.Contents contents() {
        return new FlightRecorder.Contents(started, startedBatch, startedIndex, List.copyOf(recorded));
    }

    /** Dies, with its recorder if it has one; returns the casualty. */
    @Nullable
    Casualty die() {
        runningIn = null;
        work.clear();
        return scheduler.lost(lane, hasRecorder ? contents() : null);
    }
}
