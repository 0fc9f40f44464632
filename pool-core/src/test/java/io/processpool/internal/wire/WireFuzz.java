package io.processpool.internal.wire;

import static io.processpool.fuzz.FuzzChecks.bounded;
import static io.processpool.fuzz.FuzzChecks.from;
import static io.processpool.fuzz.FuzzChecks.join;
import static io.processpool.fuzz.FuzzChecks.sliced;
import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.fuzz.FuzzChecks;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Messages, records, and small files, made of any bytes. */
public final class WireFuzz {

    private static final HexFormat HEX = HexFormat.of();

    /** Of a record: four numbers and the status. */
    private static final int MIN_HEAD = 5;

    private WireFuzz() {}

    /** A type and a body. */
    public static void messages(byte[] input) {
        int type = FuzzChecks.at(input, 0);
        byte[] body = from(input, 1);
        String outcome = bounded(input, () -> outcome(type, Bytes.of(body)));
        assertThat(outcome(type, sliced(body, 3))).as("in slices").isEqualTo(outcome);
    }

    /** Reads a message, and writes and reads it again. */
    private static String outcome(int type, Bytes body) {
        Message message;
        try {
            message = Messages.read(type, body);
        } catch (ProtocolException e) {
            return "refused: " + e.getMessage();
        }
        byte[] written = Messages.body(message).toArray();
        assertThat(Messages.type(message)).as("type of %s", message).isEqualTo(type);
        try {
            Message again = Messages.read(type, Bytes.of(written));
            assertThat(Messages.body(again).toArray()).as("written again").isEqualTo(written);
        } catch (ProtocolException e) {
            throw new AssertionError("refuses what it has written of " + message, e);
        }
        return message.getClass().getSimpleName() + " " + HEX.formatHex(written);
    }

    /** Returns all messages. */
    public static List<byte[]> messageSeeds() {
        return SampleMessages.all().stream()
                .map(sample -> join(new byte[] {(byte) sample.type()}, sample.bytes()))
                .toList();
    }

    /** Consecutive records. */
    public static void results(byte[] input) {
        String outcome = bounded(input, () -> records(Bytes.of(input)));
        assertThat(records(sliced(input, 1))).as("in slices of 1").isEqualTo(outcome);
        assertThat(records(sliced(input, 7))).as("in slices of 7").isEqualTo(outcome);
    }

    /** Reads records, and writes and reads them again. */
    private static String records(Bytes bytes) {
        BytesOut out = new BytesOut();
        String end = recordsTo(out, bytes);
        byte[] written = out.take().toArray();
        BytesOut again = new BytesOut();
        assertThat(recordsTo(again, Bytes.of(written))).as("what was written").isEqualTo("complete");
        assertThat(again.take().toArray()).as("written again").isEqualTo(written);
        return HEX.formatHex(written) + " " + end;
    }

    /** Each record takes its own bytes, its payload those behind its head, and no others; returns how it ended. */
    private static String recordsTo(BytesOut out, Bytes bytes) {
        byte[] all = bytes.toArray();
        ResultCursor cursor = new ResultCursor(bytes);
        int at = 0;
        try {
            while (cursor.next()) {
                assertThat(cursor.nanos()).isNotNegative();
                int from = (int) (all.length - cursor.in().remaining());
                assertThat(from - at).as("bytes of a head").isGreaterThanOrEqualTo(MIN_HEAD);
                Bytes payload = cursor.payload();
                at = (int) (all.length - cursor.in().remaining());
                assertThat(payload.length()).isEqualTo(cursor.length());
                assertThat(payload.toArray()).as("payload").isEqualTo(Arrays.copyOfRange(all, from, at));
                Records.write(out, cursor.batch(), cursor.index(), cursor.status(), cursor.nanos(), payload);
            }
            assertThat(at).as("end of the last record").isEqualTo(all.length);
            return "complete";
        } catch (IOException e) {
            return "refused: " + e.getMessage();
        }
    }

    /** Returns records of all kinds. */
    public static List<byte[]> resultSeeds() {
        List<byte[]> seeds = new ArrayList<>();
        BytesOut all = new BytesOut();
        for (ItemStatus status : ItemStatus.values()) {
            Bytes payload = SampleMessages.hex("02" + "2a".repeat(status.ordinal()));
            seeds.add(
                    Records.of(1, status.ordinal(), status, 1_000_000, payload).toArray());
            Records.write(all, 300, status.ordinal(), status, Long.MAX_VALUE, payload);
        }
        seeds.add(all.take().toArray());
        return seeds;
    }

    /** What goes with the items of a submission. */
    public static void headers(byte[] input) {
        String outcome = bounded(input, () -> headersOf(Bytes.of(input)));
        assertThat(headersOf(sliced(input, 2))).as("in slices").isEqualTo(outcome);
    }

    private static String headersOf(Bytes bytes) {
        Headers headers;
        try {
            headers = Headers.decode(bytes);
        } catch (IOException e) {
            return "refused: " + e.getMessage();
        }
        try {
            assertThat(Headers.decode(headers.encode())).isEqualTo(headers);
        } catch (IOException e) {
            throw new AssertionError("refuses what it has written of " + headers, e);
        } catch (IllegalArgumentException e) {
            assertThat(bytes.length()).as("bytes of headers").isGreaterThan(Headers.MAX_BYTES / 3);
        }
        return headers.toString();
    }

    /** Returns a few headers. */
    public static List<byte[]> headerSeeds() {
        return List.of(
                new byte[0],
                new Headers(Map.of("traceparent", "00-1"), Map.of()).encode().toArray(),
                new Headers(Map.of(), Map.of("user", "h\u00e9")).encode().toArray(),
                new Headers(Map.of("", ""), Map.of("a", "")).encode().toArray());
    }

    /** The file of a recorder: as it is, or, since one has 64 KiB, as its two numbers and the bytes of its records. */
    public static void recorder(byte[] input) {
        byte[] file = new byte[FlightRecorder.SIZE];
        int head = Math.min(12, input.length);
        System.arraycopy(input, 0, file, 0, head);
        int records = Math.min(input.length - head, FlightRecorder.CAPACITY);
        System.arraycopy(input, head, file, 64, records);
        bounded(file, () -> contents(file));
        if (input.length != FlightRecorder.SIZE) {
            assertThat(contents(input)).startsWith("refused");
        }
    }

    private static String contents(byte[] file) {
        try {
            FlightRecorder.Contents contents = FlightRecorder.parse(file);
            if (contents == null) {
                return "never opened";
            }
            for (ResultRecord record : contents.finished()) {
                assertThat(record.nanos()).isNotNegative();
                assertThat(record.payload().length()).isLessThan(FlightRecorder.SIZE);
            }
            return "complete";
        } catch (IOException e) {
            return "refused: " + e.getMessage();
        }
    }

    /** Returns files with and without records. */
    public static List<byte[]> recorderSeeds() {
        byte[] records = resultSeeds().get(5);
        BytesOut head = new BytesOut();
        head.writeLong(300L << 32 | 4);
        head.writeInt(records.length);
        byte[] unopened = new byte[12];
        Arrays.fill(unopened, 0, 8, (byte) -1);
        byte[] opened = unopened.clone();
        opened[7] = -2;
        return List.of(unopened, opened, join(head.take().toArray(), records));
    }

    /** What a worker reads from its stdin. */
    public static void bootstrap(byte[] input) {
        bounded(input, () -> {
            try {
                Bootstrap bootstrap = Bootstrap.read(input);
                byte[] written = bootstrap.toBytes();
                assertThat(Bootstrap.read(written).toBytes()).isEqualTo(written);
                return bootstrap;
            } catch (IOException e) {
                return e;
            }
        });
    }

    /** Returns the sort of thing that pools write. */
    public static List<byte[]> bootstrapSeeds() {
        Bytes token = Bytes.of(new byte[Message.Hello.TOKEN]);
        return List.of(
                new Bootstrap(token, "unix:/tmp/p/s", "/tmp/p", "/tmp/p", "/dev/shm/p", "", 4711, "pid:[1]").toBytes(),
                new Bootstrap(token, "tcp:1", "", "", "", "", 1, "").toBytes());
    }
}
