package io.processpool.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.Scalars;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.FlightRecorder;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ResultRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever has ended is on its way or in the flight recorder, and says which items it is of. */
@Timeout(60)
class ResultBufferTests {

    private static final ValueCodec CODEC = new ValueCodec(null);

    @TempDir
    private Path directory;

    private final List<Message> sent = new CopyOnWriteArrayList<>();
    private final RunningItem running = new RunningItem();
    private final BytesOut scratch = new BytesOut();
    private Path file;
    private ResultBuffer results;
    private volatile boolean closed;
    private Runnable whenSent = () -> {};

    @BeforeEach
    void make() throws IOException {
        file = directory.resolve("recorder");
        FlightRecorder.create(file);
        results = new ResultBuffer(new Wire(), FlightRecorder.open(file), false, running);
        results.begin();
    }

    private void end(int index, @Nullable Object value) {
        end(index, value, true);
    }

    private boolean end(int index, @Nullable Object value, boolean moreToCome) {
        return end(1, index, value, 0, moreToCome);
    }

    /** An item runs for so long. */
    private boolean end(int batch, int index, @Nullable Object value, long nanos, boolean moreToCome) {
        results.started(batch, index);
        running.begin(batch, index);
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        CODEC.encode(value, scratch, "result");
        running.end();
        return results.add(batch, index, ItemStatus.VALUE, scratch, true, moreToCome);
    }

    /** Returns what a reader makes of records: {@code 3=7} for each item. */
    private static List<String> items(List<ResultRecord> records) throws IOException {
        List<String> items = new ArrayList<>();
        for (ResultRecord record : records) {
            if (record.status() == ItemStatus.RUN) {
                Scalars values =
                        Scalars.read(record.payload().open(), record.payload().length());
                for (int i = 0; i < values.size(); i++) {
                    items.add(record.index() + i + "=" + values.get(i));
                }
            } else {
                Object value = CODEC.decode(record.payload().open(), ClassLoader.getSystemClassLoader(), null, "");
                items.add(record.index() + "=" + value);
            }
        }
        return items;
    }

    private List<ResultRecord> contents() {
        try {
            return FlightRecorder.read(file).finished();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> recorded() throws IOException {
        return items(contents());
    }

    private List<ResultRecord> sentRecords() throws IOException {
        List<ResultRecord> records = new ArrayList<>();
        for (Message message : sent) {
            var in = ((Message.Results) message).records().open();
            while (in.remaining() > 0) {
                records.add(ResultRecord.read(in));
            }
        }
        return records;
    }

    private List<String> sentItems() throws IOException {
        return items(sentRecords());
    }

    /** Returns how long the items of a batch have taken, as the pool is told. */
    private long told(int batch) throws IOException {
        return sentRecords().stream()
                .filter(record -> record.batch() == batch)
                .mapToLong(ResultRecord::nanos)
                .sum();
    }

    @Test
    void add_scalarsAndOthers_areSafeAtOnceAndArriveInOrder() throws IOException {
        List<Object> values = List.of(1, 2, "three", 4L, 5L, new ArrayList<>(List.of(6)), true, 8.0, 9);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            end(i, values.get(i));
            expected.add(i + "=" + values.get(i));

            List<String> safe = sentItems();
            for (String item : recorded()) {
                if (!safe.contains(item)) {
                    safe.add(item);
                }
            }
            assertThat(safe).isEqualTo(expected);
        }
        results.flush();

        assertThat(sentItems()).isEqualTo(expected);
        assertThat(recorded()).isEmpty();
    }

    @Test
    void add_anItemWasLeftOut_beginsAnotherRun() throws IOException {
        end(0, 10);
        end(1, 11);
        end(3, 13);
        results.flush();

        assertThat(sentItems()).containsExactly("0=10", "1=11", "3=13");
    }

    @Test
    void add_nothingMoreToCome_leavesAtOnce() throws IOException {
        end(0, 10);
        assertThat(end(1, 11, false)).as("goes on").isTrue();

        assertThat(sentItems()).containsExactly("0=10", "1=11");
    }

    @Test
    void add_thousands_allArriveOnce() throws IOException {
        int count = 50_000;
        for (int i = 0; i < count; i++) {
            end(i, i);
        }
        results.flush();

        List<String> items = sentItems();
        assertThat(items).hasSize(count).startsWith("0=0", "1=1").endsWith("49999=49999");
        assertThat(sent.size()).isLessThan(5_000);
    }

    @Test
    void overdue_theNextItemRuns_leavesMeanwhile() throws IOException {
        end(0, 10);
        running.begin(1, 1);

        await().untilAsserted(() -> assertThat(sentItems()).containsExactly("0=10"));

        running.end();
        CODEC.encode(11, scratch, "result");
        results.add(1, 1, ItemStatus.VALUE, scratch, true, false);
        assertThat(sentItems()).containsExactly("0=10", "1=11");
    }

    /** The limit of threads is reached, and the task that has ended has not failed by that. */
    @Test
    void add_noThreadToBeHad_leavesAtOnce() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        Function<Runnable, Thread> none = work -> {
            asked.incrementAndGet();
            throw new OutOfMemoryError("unable to create native thread");
        };
        results = new ResultBuffer(
                new Wire(),
                FlightRecorder.open(file),
                false,
                flush -> new OverdueSender(running, flush, none),
                new ItemClock(false));
        results.begin();

        end(0, 10);
        assertThat(sentItems()).containsExactly("0=10");
        end(1, "eleven");
        assertThat(sentItems()).containsExactly("0=10", "1=eleven");
        end(2, 12);

        assertThat(sentItems()).containsExactly("0=10", "1=eleven", "2=12");
        assertThat(recorded()).isEmpty();
        assertThat(asked.get()).isPositive();
    }

    // ---- how long items take --------------------------------------------------------------------------------------

    /** Each is sent by itself, since it takes so long. */
    @Test
    void time_slowScalars_isTold() throws IOException {
        long begin = System.nanoTime();
        results.begin();
        for (int i = 0; i < 3; i++) {
            end(1, i, i, 2_000_000, true);
        }
        long passed = System.nanoTime() - begin;

        assertThat(sentRecords())
                .hasSize(3)
                .allSatisfy(record -> assertThat(record.nanos()).isGreaterThanOrEqualTo(2_000_000));
        assertThat(told(1)).isLessThanOrEqualTo(passed);
    }

    @Test
    void time_quickScalarsInARun_isToldOfAllOfThem() throws IOException {
        long begin = System.nanoTime();
        results.begin();
        for (int i = 0; i < 20; i++) {
            end(1, i, i, 50_000, true);
        }
        results.flush();
        long passed = System.nanoTime() - begin;

        assertThat(told(1)).isBetween(20 * 50_000L, passed);
    }

    @Test
    void time_scalarsAndOthers_isToldOfAllOfThem() throws IOException {
        long begin = System.nanoTime();
        results.begin();
        for (int i = 0; i < 20; i++) {
            end(1, i, i % 3 == 0 ? "text" : i, 50_000, true);
        }
        results.flush();
        long passed = System.nanoTime() - begin;

        assertThat(told(1)).isBetween(20 * 50_000L, passed);
        assertThat(sentItems()).hasSize(20);
    }

    /** The last run of a batch may still be open when the first item of the next one ends. */
    @Test
    void time_twoBatches_eachIsToldItsOwn() throws IOException {
        long begin = System.nanoTime();
        results.begin();
        end(1, 0, 10, 20_000, true);
        end(1, 1, 11, 20_000, true);
        long between = System.nanoTime();
        results.begin();
        end(2, 0, 20, 200_000, true);
        results.flush();
        long end = System.nanoTime();

        assertThat(told(1)).isBetween(2 * 20_000L, between - begin);
        assertThat(told(2)).isBetween(200_000L, end - between);
    }

    /** The clock is not looked at for each tiny item; that must not hide what the last ones of a batch have taken. */
    @Test
    void time_tinyItemsBeforeTheNextBatch_isNotLost() throws IOException {
        long least = 0;
        for (int batch = 1; batch <= 50; batch++) {
            results.begin();
            for (int i = 0; i < 30; i++) {
                end(batch, i, i, i == 29 ? 100_000 : 0, true);
            }
            least += 100_000;
        }
        results.flush();

        assertThat(sentRecords().stream().mapToLong(ResultRecord::nanos).sum()).isGreaterThanOrEqualTo(least);
    }

    @Test
    void time_afterOthersWereOverdue_isTold() throws IOException {
        long begin = System.nanoTime();
        results.begin();
        end(0, 10);
        results.started(1, 1);
        running.begin(1, 1);
        long second = System.nanoTime();
        await().untilAsserted(() -> assertThat(sentItems()).containsExactly("0=10"));
        long least = System.nanoTime() - second;
        CODEC.encode(11, scratch, "result");
        running.end();
        results.add(1, 1, ItemStatus.VALUE, scratch, true, true);
        results.flush();
        long passed = System.nanoTime() - begin;

        assertThat(sentItems()).containsExactly("0=10", "1=11");
        assertThat(told(1)).isBetween(least, passed);
    }

    /** Nobody has looked at the clock since they began; but no item takes no time, and the pool believes what it is told. */
    @Test
    void time_overdueBeforeTheFirstLook_isNotNothing() throws IOException {
        AtomicLong now = new AtomicLong();
        results = new ResultBuffer(
                new Wire(),
                FlightRecorder.open(file),
                false,
                flush -> new OverdueSender(running, flush, Thread::new), // nobody but this test sends
                new ItemClock(false, now::get));
        results.begin();
        for (int i = 0; i < 16; i++) { // so that the clock is not looked at for the next
            take(now, 1, i, 100);
        }
        results.begin();
        take(now, 2, 0, 100);
        now.addAndGet(1_000_000);
        results.flushOverdue(now.get());

        assertThat(told(1)).isEqualTo(1600);
        assertThat(told(2)).isEqualTo(500);
        take(now, 2, 1, 0);
        results.flush();
        assertThat(told(2)).as("all that has passed").isEqualTo(1_000_100);
    }

    /** An item ends after so long. */
    private void take(AtomicLong clock, int batch, int index, long nanos) {
        clock.addAndGet(nanos);
        CODEC.encode(index, scratch, "result");
        results.add(batch, index, ItemStatus.VALUE, scratch, true, true);
    }

    // ---- the recorder ---------------------------------------------------------------------------------------------

    /** Eight bytes do not change all at once wherever they are, so what need not change does not. */
    @Test
    void flush_aRunIsOpen_leavesTheRecorderAsItIsUntilAllIsSent() throws IOException {
        List<ResultRecord> recorded = new ArrayList<>();
        whenSent = () -> recorded.addAll(contents());
        end(1, 0, 10, 50_000, true);
        end(1, 1, 11, 50_000, true);
        results.flush();

        assertThat(items(recorded)).containsExactly("0=10", "1=11");
        assertThat(recorded).extracting(ResultRecord::nanos).as("unchanged").containsOnly(0L);
        assertThat(recorded()).isEmpty();
    }

    @Test
    void add_channelHasEnded_keepsWhatIsRecordedAndTellsNotToGoOn() throws IOException {
        closed = true;

        assertThat(end(0, 10, false)).isFalse();
        assertThat(recorded()).containsExactly("0=10");
        assertThat(end(1, "late", true)).isFalse();
        assertThat(results.flush()).isFalse();

        assertThat(recorded()).containsExactly("0=10");
        assertThat(scratch.length()).isZero();
    }

    @Test
    void overdue_channelHasEnded_keepsWhatIsRecorded() throws IOException {
        int waits = 0;
        end(waits, 10);
        while (recorded().isEmpty()) { // it has taken so long that it has left
            waits++;
            end(waits, 10);
        }
        sent.clear();
        closed = true;
        results.started(1, waits + 1);
        running.begin(1, waits + 1);
        await().until(() -> !sent.isEmpty());
        running.end();
        CODEC.encode(11, scratch, "result");

        assertThat(results.add(1, waits + 1, ItemStatus.VALUE, scratch, true, true))
                .isFalse();
        assertThat(recorded()).containsExactly(waits + "=10");
    }

    private final class Wire implements Channel {
        @Override
        public void enqueue(Message message) {
            sent.add(message);
            whenSent.run();
        }

        @Override
        public boolean flush() {
            return !closed;
        }

        @Override
        public boolean awaitDrained() {
            assertThat(closed).as("there is something to wait for").isTrue();
            return false;
        }

        @Override
        public void close() {
            throw new AssertionError("not the buffer's to close");
        }
    }
}
