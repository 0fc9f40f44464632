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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
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

    private void end(int index, @Nullable Object value, boolean moreToCome) {
        results.started(1, index);
        running.begin(1, index);
        CODEC.encode(value, scratch, "result");
        running.end();
        results.add(1, index, ItemStatus.VALUE, scratch, true, moreToCome);
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

    private List<String> recorded() throws IOException {
        return items(FlightRecorder.read(file).finished());
    }

    private List<String> sentItems() throws IOException {
        List<ResultRecord> records = new ArrayList<>();
        for (Message message : sent) {
            var in = ((Message.Results) message).records().open();
            while (in.remaining() > 0) {
                records.add(ResultRecord.read(in));
            }
        }
        return items(records);
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
        end(1, 11, false);

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

    private final class Wire implements Channel {
        @Override
        public void enqueue(Message message) {
            sent.add(message);
        }

        @Override
        public boolean flush() {
            return true;
        }

        @Override
        public void awaitDrained() {
            throw new AssertionError("nothing to wait for");
        }

        @Override
        public void close() {
            throw new AssertionError("not the buffer's to close");
        }
    }
}
