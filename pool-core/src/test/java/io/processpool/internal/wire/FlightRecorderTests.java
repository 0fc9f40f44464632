package io.processpool.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FlightRecorderTests {

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void createFile() throws IOException {
        file = directory.resolve("recorder");
        FlightRecorder.create(file);
    }

    // ---- layout ---------------------------------------------------------------------------------------------------

    @Test
    void create_newFile_hasTheGoldenLayout() throws IOException {
        byte[] all = Files.readAllBytes(file);

        assertThat(all).hasSize(65536);
        assertThat(hex(all, 0, 12)).isEqualTo("ffffffffffffffff" + "00000000");
        assertThat(all).endsWith(new byte[65536 - 8]);
    }

    @Test
    void open_byTheWorker_leavesItsMark() throws IOException {
        FlightRecorder.open(file);

        assertThat(hex(Files.readAllBytes(file), 0, 12)).isEqualTo("fffffffffffffffe" + "00000000");
    }

    @Test
    void started_anItem_standsInTheFirstEightBytes() throws IOException {
        FlightRecorder recorder = FlightRecorder.open(file);

        recorder.started(0x01020304, 0x7ffffffe);

        byte[] all = Files.readAllBytes(file);
        assertThat(hex(all, 0, 12)).isEqualTo("01020304" + "7ffffffe" + "00000000");
    }

    @Test
    void keep_records_standBehindTheHeadWithTheirLength() throws IOException {
        FlightRecorder recorder = FlightRecorder.open(file);
        byte[] record = HexFormat.of().parseHex("ee" + "010000ac02012a" + "ee");

        assertThat(recorder.keep(record, 1, 7)).isTrue();
        assertThat(recorder.keep(record, 1, 7)).isTrue();

        byte[] all = Files.readAllBytes(file);
        assertThat(hex(all, 0, 12)).isEqualTo("fffffffffffffffe" + "0000000e");
        assertThat(hex(all, 12, 64)).isEqualTo("00".repeat(52));
        assertThat(hex(all, 64, 79)).isEqualTo("010000ac02012a" + "010000ac02012a" + "00");
    }

    @Test
    void clear_afterRecords_setsTheLengthToZeroAndKeepsWhatRuns() throws IOException {
        FlightRecorder recorder = FlightRecorder.open(file);
        recorder.started(1, 2);
        keep(recorder, 1, 1, 5);

        recorder.clear();

        assertThat(hex(Files.readAllBytes(file), 0, 12)).isEqualTo("0000000100000002" + "00000000");
    }

    // ---- what a dead worker left ----------------------------------------------------------------------------------

    /** The worker has worked without it, so it says nothing. */
    @Test
    void read_neverOpened_isNothing() throws IOException {
        assertThat(FlightRecorder.read(file)).isNull();
    }

    @Test
    void read_opened_tellsThatNothingWasStarted() throws IOException {
        FlightRecorder.open(file);

        FlightRecorder.Contents contents = FlightRecorder.read(file);

        assertThat(contents.started()).isFalse();
        assertThat(contents.finished()).isEmpty();
    }

    @Test
    void read_firstItemOfFirstBatch_tellsThatItWasStarted() throws IOException {
        FlightRecorder.open(file).started(1, 0);

        FlightRecorder.Contents contents = FlightRecorder.read(file);

        assertThat(contents.started()).isTrue();
        assertThat(contents.batch()).isEqualTo(1);
        assertThat(contents.index()).isZero();
    }

    @Test
    void read_largestNumbers_areGivenBack() throws IOException {
        FlightRecorder.open(file).started(Integer.MAX_VALUE, Integer.MAX_VALUE);

        FlightRecorder.Contents contents = FlightRecorder.read(file);

        assertThat(contents.started()).isTrue();
        assertThat(contents.batch()).isEqualTo(Integer.MAX_VALUE);
        assertThat(contents.index()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void read_keptRecords_givesThemInOrder() throws IOException {
        FlightRecorder recorder = FlightRecorder.open(file);
        keep(recorder, 1, 0, 3);
        keep(recorder, 1, 1, 0);
        keep(recorder, 2, 0, 200);
        recorder.started(2, 1);

        FlightRecorder.Contents contents = FlightRecorder.read(file);

        assertThat(contents.batch()).isEqualTo(2);
        assertThat(contents.index()).isEqualTo(1);
        assertThat(contents.finished())
                .extracting(record -> record.batch() + "/" + record.index() + ":"
                        + record.payload().length())
                .containsExactly("1/0:3", "1/1:0", "2/0:200");
    }

    /** A run that grows says nothing of its length, so all that is kept belongs to it; one that has ended says how long it is. */
    @Test
    void read_aRun_givesWhatItHadSoFar() throws IOException {
        FlightRecorder recorder = FlightRecorder.open(file);
        keep(recorder, 1, 0, 3);
        int from = recorder.length();
        BytesOut head = new BytesOut();
        ResultRecord.writeRunHead(head, 300, 7);
        byte[] run = head.take().toArray();
        recorder.keep(run, 0, run.length);
        recorder.keep(new byte[] {6, 2}, 0, 2);
        recorder.keep(new byte[] {6, 4}, 0, 2);

        assertThat(FlightRecorder.read(file).finished().get(1))
                .returns(300, ResultRecord::batch)
                .returns(7, ResultRecord::index)
                .returns(ItemStatus.RUN, ResultRecord::status)
                .returns(
                        "06020604",
                        record -> HexFormat.of().formatHex(record.payload().toArray()));

        recorder.amend(from + run.length - ResultRecord.RUN_FIELDS, ResultRecord.runFields(1234, 4));
        keep(recorder, 300, 9, 1);

        assertThat(FlightRecorder.read(file).finished().get(1))
                .returns(1234L, ResultRecord::nanos)
                .returns(4L, record -> record.payload().length());
        assertThat(FlightRecorder.read(file).finished()).hasSize(3);
    }

    @Test
    void read_afterClear_givesOnlyWhatCameLater() throws IOException {
        FlightRecorder recorder = FlightRecorder.open(file);
        keep(recorder, 1, 0, 100);
        keep(recorder, 1, 1, 100);
        recorder.clear();
        keep(recorder, 1, 2, 1);

        assertThat(FlightRecorder.read(file).finished())
                .extracting(ResultRecord::index)
                .containsExactly(2);
    }

    @Test
    void read_recordsBehindTheLength_areNotSeen() throws IOException {
        FlightRecorder recorder = FlightRecorder.open(file);
        keep(recorder, 1, 0, 10);
        // As if the worker died after writing the bytes of a second record, and before it wrote their length.
        byte[] all = Files.readAllBytes(file);
        Arrays.fill(all, 64 + 15, 64 + 200, (byte) 0x55);
        Files.write(file, all);

        assertThat(FlightRecorder.read(file).finished()).hasSize(1);
    }

    @Test
    void keep_moreThanThereIsRoomFor_isRefusedAndChangesNothing() throws IOException {
        FlightRecorder recorder = FlightRecorder.open(file);
        byte[] half = record(1, 0, FlightRecorder.CAPACITY / 2);
        assertThat(recorder.keep(half, 0, half.length)).isTrue();
        byte[] before = Files.readAllBytes(file);

        assertThat(recorder.keep(half, 0, half.length)).isFalse();

        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        recorder.clear();
        assertThat(recorder.keep(half, 0, half.length)).isTrue();
    }

    @Test
    void keep_exactlyTheCapacity_fits() throws IOException {
        FlightRecorder recorder = FlightRecorder.open(file);
        byte[] record = record(1, 0, FlightRecorder.CAPACITY - 7);
        assertThat(record).as("a head of seven bytes").hasSize(FlightRecorder.CAPACITY);

        assertThat(recorder.keep(record, 0, record.length)).isTrue();
        assertThat(recorder.keep(new byte[1], 0, 1)).isFalse();
        assertThat(recorder.keep(new byte[0], 0, 0)).isTrue();

        assertThat(FlightRecorder.read(file).finished().get(0).payload().length())
                .isEqualTo(FlightRecorder.CAPACITY - 7);
    }

    // ---- damage ---------------------------------------------------------------------------------------------------

    @Test
    void create_fileThatExists_isRefused() {
        assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(() -> FlightRecorder.create(file));
    }

    @Test
    void open_fileThatDoesNotExist_isRefused() {
        Path missing = directory.resolve("missing");

        assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> FlightRecorder.open(missing));
        assertThat(missing).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 12, 65535, 65537})
    void read_fileOfAnotherSize_isRefused(int size) throws IOException {
        Files.write(file, new byte[size]);

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> FlightRecorder.read(file))
                .withMessage("flight recorder of " + size + " bytes, expected 65536");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, FlightRecorder.CAPACITY + 1, Integer.MAX_VALUE})
    void read_lengthOutOfBounds_isRefused(int pending) throws IOException {
        FlightRecorder.open(file);
        byte[] all = Files.readAllBytes(file);
        ByteBuffer.wrap(all).putInt(8, pending);
        Files.write(file, all);

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> FlightRecorder.read(file))
                .withMessage("flight recorder holds " + pending + " bytes, allowed are 65472");
    }

    @Test
    void read_lastRecordCutOff_givesThoseBeforeItAndWhatRan() throws IOException {
        FlightRecorder recorder = FlightRecorder.open(file);
        recorder.started(1, 3);
        keep(recorder, 1, 0, 10);
        keep(recorder, 1, 1, 10);
        byte[] record = record(1, 2, 10);
        recorder.keep(record, 0, record.length - 1);

        FlightRecorder.Contents contents = FlightRecorder.read(file);

        assertThat(contents.finished()).extracting(ResultRecord::index).containsExactly(0, 1);
        assertThat(contents.started()).isTrue();
        assertThat(contents.batch()).isEqualTo(1);
        assertThat(contents.index()).isEqualTo(3);
    }

    /** As if the worker died while it wrote how long a run is: the length is too short, and what follows is no record. */
    @Test
    void read_lengthOfARunHalfWritten_givesTheRecordsBeforeIt() throws IOException {
        FlightRecorder recorder = FlightRecorder.open(file);
        recorder.started(300, 307);
        keep(recorder, 300, 0, 3);
        int from = recorder.length();
        BytesOut head = new BytesOut();
        ResultRecord.writeRunHead(head, 300, 1);
        byte[] run = head.take().toArray();
        recorder.keep(run, 0, run.length);
        byte[] values = new byte[600];
        Arrays.fill(values, (byte) 6);
        recorder.keep(values, 0, values.length);
        long whole = ResultRecord.runFields(1234, values.length);
        long torn = whole & ~0xFFFFL | ResultRecord.runFields(0, 0) & 0xFFFFL;

        recorder.amend(from + run.length - ResultRecord.RUN_FIELDS, torn);

        FlightRecorder.Contents contents = FlightRecorder.read(file);
        assertThat(contents.finished().get(0)).returns(0, ResultRecord::index);
        assertThat(contents.index()).isEqualTo(307);
    }

    @Test
    void read_negativeLength_endsWhatIsRead() throws IOException {
        FlightRecorder recorder = FlightRecorder.open(file);
        keep(recorder, 1, 0, 3);
        BytesOut out = new BytesOut();
        ResultRecord.writeHead(out, 1, 1, ItemStatus.RUN, 1, -1);
        byte[] record = out.take().toArray();
        recorder.keep(record, 0, record.length);

        assertThat(FlightRecorder.read(file).finished()).hasSize(1);
    }

    @Test
    void read_randomContents_throwsNothingButIOExceptions() throws IOException {
        Random random = new Random(7);
        for (int round = 0; round < 500; round++) {
            byte[] all = new byte[FlightRecorder.SIZE];
            random.nextBytes(all);
            ByteBuffer.wrap(all).putInt(8, random.nextInt(FlightRecorder.CAPACITY + 1));
            Files.write(file, all);
            try {
                FlightRecorder.read(file);
            } catch (IOException expected) {
                assertThat(expected).hasMessageMatching("(?s).+");
            } catch (Throwable t) {
                throw new AssertionError("round " + round, t);
            }
        }
    }

    private static void keep(FlightRecorder recorder, int batch, int index, int payload) {
        byte[] record = record(batch, index, payload);
        assertThat(recorder.keep(record, 0, record.length)).isTrue();
    }

    private static byte[] record(int batch, int index, int payload) {
        BytesOut out = new BytesOut();
        Records.write(out, batch, index, ItemStatus.VALUE, 1, Bytes.of(new byte[payload]));
        return out.take().toArray();
    }

    private static String hex(byte[] all, int from, int to) {
        return HexFormat.of().formatHex(all, from, to);
    }
}
