package io.processpool;

import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.failureOf;
import static io.processpool.Lifecycle.only;
import static io.processpool.Lifecycle.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.codec.LaughingSets;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.testing.CapturedLog;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.RandomAccessFile;
import java.io.Serial;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Workers that were taken over: real processes with their own tokens and connections, in which a task says what it likes. What
 * they try is refused and logged, the task at fault fails with a clear reason, the worker is replaced, and the pool serves on.
 */
@Timeout(240)
@ExtendWith(LeavesNothingBehind.class)
class HostileWorkerIT {

    @TempDir
    private Path directory;

    /** How much a pool believes of its workers: of trusted ones through shared memory, of others through a socket. */
    enum Setting {
        TRUSTED {
            @Override
            ProcessPool.Builder apply(ProcessPool.Builder builder) {
                return builder;
            }
        },
        UNTRUSTED {
            @Override
            ProcessPool.Builder apply(ProcessPool.Builder builder) {
                return builder.untrusted(true);
            }
        };

        abstract ProcessPool.Builder apply(ProcessPool.Builder builder);
    }

    /** What a worker may say only if it wants to do harm. */
    enum Attack {
        RESULT_OF_ANOTHER_BATCH("which does not run") {
            @Override
            void strike() {
                Hostile.result(Hostile.batch() + 1, 0, ItemStatus.VALUE, Hostile.encoded(1));
            }
        },
        RESULT_OF_ANOTHER_ITEM("which does not run") {
            @Override
            void strike() {
                Hostile.result(Hostile.batch(), Hostile.index() + 1, ItemStatus.VALUE, Hostile.encoded(1));
            }
        },
        NO_RESULT("results cannot be read") {
            @Override
            void strike() {
                Hostile.send(new Message.Results(Bytes.of(new byte[] {1})));
            }
        },
        SKIPPED("which is wanted") {
            @Override
            void strike() {
                Hostile.result(ItemStatus.SKIPPED, new byte[0]);
            }
        },
        GOODBYE("says goodbye, but was not told to go, or has a task") {
            @Override
            void strike() {
                Hostile.send(new Message.Goodbye(null));
            }
        },
        RETURNED("returned unasked") {
            @Override
            void strike() {
                Hostile.send(new Message.Returned(Hostile.batch(), Hostile.index()));
            }
        },
        HELLO("not a message to the pool") {
            @Override
            void strike() {
                Hostile.send(new Message.Hello(Bytes.of(Hostile.token())));
            }
        },
        TASKS("not a message to the pool") {
            @Override
            void strike() {
                Hostile.send(new Message.Tasks(1, 1, 1, Bytes.EMPTY, Bytes.EMPTY, false));
            }
        },
        SHARED_MEMORY("not for this side to offer") {
            @Override
            void strike() {
                Hostile.send(new Message.SharedMemory("/etc/passwd"));
            }
        },
        FLOOD_OF_PROGRESS("more messages than anybody") {
            @Override
            void strike() {
                for (long i = 0; i < 10_000_000; i++) {
                    Hostile.send(new Message.Progress(Hostile.batch(), Hostile.index(), i, i));
                }
            }
        },
        FLOOD_OF_ANSWERS("more messages than anybody") {
            @Override
            void strike() {
                for (long i = 0; i < 10_000_000; i++) {
                    Hostile.send(new Message.Pong(i));
                }
            }
        };

        private final String reason;

        Attack(String reason) {
            this.reason = reason;
        }

        abstract void strike();
    }

    static Stream<Arguments> attacks() {
        return Arrays.stream(Attack.values())
                .flatMap(attack -> Arrays.stream(Setting.values()).map(setting -> Arguments.of(attack, setting)));
    }

    /** Leaves a trace in the process that reads it. */
    static final class Gadget implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;

        private final String trace;

        Gadget(Path directory) {
            this.trace = directory.resolve("trace").toString();
        }

        @Serial
        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            Files.writeString(
                    Path.of(trace), Long.toString(ProcessHandle.current().pid()));
        }
    }

    private static final class Armed extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        private final Gadget gadget;

        Armed(Gadget gadget) {
            super("armed\nand forged");
            this.gadget = gadget;
        }
    }

    private static ProcessPool pool(Setting setting) {
        return setting.apply(ProcessPool.builder().name("hostile").workers(1)).build();
    }

    private static void assertServes(ProcessPool pool, long formerPid) {
        assertThat(pool.<Long>apply(() -> ProcessHandle.current().pid())).isNotEqualTo(formerPid);
        assertThat(pool.map(Tasks::square, List.of(1, 2, 3))).containsExactly(1, 4, 9);
        awaitIdle(pool, 1);
    }

    private static long warm(ProcessPool pool) {
        return pool.<Long>apply(() -> ProcessHandle.current().pid());
    }

    // ---- what needs no class --------------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("attacks")
    void attack_onTheProtocol_endsTheWorkerAndFailsTheTask(Attack attack, Setting setting) {
        try (CapturedLog log = CapturedLog.of("io.processpool");
                ProcessPool pool = pool(setting)) {
            long pid = warm(pool);

            WorkerLostException failure = failureOf(
                    pool.applyAsync(() -> {
                        attack.strike();
                        return Hostile.waitForTheEnd();
                    }),
                    WorkerLostException.class);

            assertThat(failure.reason()).isEqualTo(LossReason.PROTOCOL);
            assertThat(failure).hasMessageContaining("not of the protocol").hasMessageContaining(attack.reason);
            assertServes(pool, pid);
            await().atMost(Lifecycle.PATIENCE) // it is logged on another thread
                    .until(() -> !log.events(Level.WARN, attack.reason).isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void resultOfAnotherTask_isNotBelieved(Setting setting) {
        Signs signs = Signs.in(directory);
        try (CapturedLog log = CapturedLog.of("io.processpool");
                ProcessPool pool = setting.apply(
                                ProcessPool.builder().name("hostile").workers(2))
                        .build()) {
            TaskFuture<List<Integer>> honest = pool.mapAsync(
                    number -> {
                        if (number == 2) {
                            signs.note("victim", Hostile.batch() + " " + Hostile.index());
                            signs.give("running");
                            signs.await("go");
                        }
                        return number;
                    },
                    List.of(1, 2, 3),
                    MapOptions.defaults().chunkSize(3));
            signs.expect("running");

            TaskFuture<Object> forger = pool.applyAsync(() -> {
                String[] victim = signs.notes("victim").get(0).split(" ");
                signs.note("forger", Hostile.batch() + " " + Hostile.index());
                Hostile.result(
                        Integer.parseInt(victim[0]),
                        Integer.parseInt(victim[1]),
                        ItemStatus.VALUE,
                        Hostile.encoded(666));
                return Hostile.waitForTheEnd();
            });
            WorkerLostException failure = failureOf(forger, WorkerLostException.class);

            assertThat(failure.reason()).isEqualTo(LossReason.PROTOCOL);
            assertThat(failure).hasMessageContaining("which does not run");
            assertThat(signs.notes("victim")).isNotEqualTo(signs.notes("forger"));
            await().atMost(Lifecycle.PATIENCE) // as above
                    .until(() -> !log.events(Level.WARN, "which does not run").isEmpty());
            signs.give("go");
            assertThat(result(honest)).containsExactly(1, 2, 3);
            awaitIdle(pool, 2);
            assertThat(pool.snapshot().workers()).noneMatch(worker -> worker.pid() == failure.pid());
            assertThat(pool.map(Tasks::square, List.of(1, 2, 3))).containsExactly(1, 4, 9);
        }
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void resultTwice_theFirstCountsAndTheWorkerEnds(Setting setting) {
        try (ProcessPool pool = pool(setting)) {
            long pid = warm(pool);

            TaskFuture<Object> task = pool.applyAsync(() -> {
                int batch = Hostile.batch();
                int index = Hostile.index();
                Hostile.result(batch, index, ItemStatus.VALUE, Hostile.encoded(1));
                Hostile.result(batch, index, ItemStatus.VALUE, Hostile.encoded(2));
                return Hostile.waitForTheEnd();
            });

            assertThat(result(task)).isEqualTo(1);
            await().atMost(Lifecycle.PATIENCE).until(() -> !Lifecycle.alive(pid));
            assertServes(pool, pid);
        }
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void startedAgainAndAgain_doesNotPutOffTheTimeout(Setting setting) {
        try (ProcessPool pool = setting.apply(
                        ProcessPool.builder().name("hostile").workers(1).cancelGrace(Duration.ofMillis(100)))
                .build()) {
            long pid = warm(pool);

            TaskFuture<Object> task = pool.applyAsync(
                    () -> {
                        while (true) {
                            Hostile.send(new Message.Started(Hostile.batch(), Hostile.index()));
                            LockSupport.parkNanos(20_000_000);
                            Thread.interrupted();
                        }
                    },
                    TaskOptions.defaults().timeout(Duration.ofMillis(500)));

            failureOf(task, TaskTimeoutException.class);
            assertServes(pool, pid);
        }
    }

    @Test
    void recall_isIgnored_theWorkerEndsAndOthersRunWhatItKept() {
        try (ProcessPool pool = ProcessPool.builder()
                .name("hostile")
                .workers(1)
                .untrusted(true)
                .heartbeatTimeout(Duration.ofSeconds(1))
                .build()) {
            String deaf = directory.resolve("deaf").toString();
            List<Object> endings = new ArrayList<>();

            try (ResultIterator<Integer> results = pool.imapUnordered(
                    number -> {
                        if (number == 1) {
                            Hostile.ignoreRecalls();
                            Files.createFile(Path.of(deaf));
                            return Hostile.waitForTheEnd();
                        }
                        return number;
                    },
                    List.of(1, 2, 3),
                    MapOptions.defaults().chunkSize(3))) {
                await().atMost(Lifecycle.PATIENCE).until(() -> Files.exists(Path.of(deaf)));
                pool.resize(2); // the new one has nothing to do
                for (int i = 0; i < 3; i++) {
                    try {
                        endings.add(results.next());
                    } catch (WorkerLostException e) {
                        assertThat(e).hasMessageContaining("has not given back").hasMessageContaining("not begun");
                        endings.add(e.reason());
                    }
                }
            }

            assertThat(endings).containsExactlyInAnyOrder(2, 3, LossReason.UNRESPONSIVE);
        }
    }

    @Test
    void threadDump_unasked_isNotEvenLookedAt() {
        try (ProcessPool pool = pool(Setting.UNTRUSTED)) {
            assertThat(pool.<Integer>apply(() -> {
                        String newlines = "\n".repeat(20_000_000);
                        for (int nonce = 0; nonce < 3; nonce++) {
                            Hostile.send(new Message.Dump(nonce, newlines));
                        }
                        return 5;
                    }))
                    .isEqualTo(5);
        }
    }

    @Test
    void startFailure_thatCannotBeRead_isOneAllTheSame() {
        try (ProcessPool pool = ProcessPool.builder()
                .name("hostile")
                .workers(1)
                .untrusted(true)
                .initializer(() -> {
                    Hostile.send(new Message.StartFailed(Bytes.of(new byte[] {1, 2, 3})));
                    Runtime.getRuntime().halt(1);
                })
                .build()) {
            assertThat(failureOf(pool.applyAsync(() -> 1), WorkerStartException.class))
                    .hasMessageContaining("its initializer failed");
        }
    }

    @Test
    void answersWithoutReading_areNoSignOfLife() {
        try (ProcessPool pool = ProcessPool.builder()
                .name("hostile")
                .workers(1)
                .untrusted(true)
                .heartbeatTimeout(Duration.ofSeconds(2))
                .build()) {
            long pid = warm(pool);

            TaskFuture<Object> task = pool.applyAsync(() -> {
                Hostile.stopReading();
                for (long i = 0; ; i++) {
                    Hostile.send(new Message.Pong(i));
                    Hostile.send(new Message.Progress(Hostile.batch(), Hostile.index(), i, i));
                    LockSupport.parkNanos(20_000_000);
                }
            });

            WorkerLostException failure = failureOf(task, WorkerLostException.class);
            assertThat(failure.reason()).isEqualTo(LossReason.UNRESPONSIVE);
            assertServes(pool, pid);
        }
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void secondConnection_withTheSameTokenOrAnother_isRefusedAndLogged(Setting setting) {
        try (CapturedLog log = CapturedLog.of("io.processpool");
                ProcessPool pool = pool(setting)) {
            int used = pool.<Integer>apply(() -> Hostile.connectAgain(Hostile.token()));
            int guessed = pool.<Integer>apply(() -> Hostile.connectAgain(new byte[Message.Hello.TOKEN]));

            assertThat(used).isEqualTo(-1);
            assertThat(guessed).isEqualTo(-1);
            assertThat(log.events(Level.WARN, "unknown token")).hasSize(2);
            assertThat(pool.<Integer>apply(() -> 5)).isEqualTo(5);
        }
    }

    /** How a worker may leave its flight recorder. */
    enum Tampering {
        CUT {
            @Override
            void with(Path recorder) throws IOException {
                truncate(recorder, 10);
            }
        },
        EMPTIED {
            @Override
            void with(Path recorder) throws IOException {
                truncate(recorder, 0);
            }
        },
        GROWN {
            @Override
            void with(Path recorder) throws IOException {
                truncate(recorder, 1L << 40);
            }
        },
        FILLED_WITH_GARBAGE {
            @Override
            void with(Path recorder) throws IOException {
                try (RandomAccessFile file = new RandomAccessFile(recorder.toFile(), "rw")) {
                    byte[] garbage = new byte[(int) file.length()];
                    Arrays.fill(garbage, (byte) 0x7f);
                    file.write(garbage);
                }
            }
        },
        EXCHANGED_FOR_A_LINK {
            @Override
            void with(Path recorder) throws IOException {
                Files.delete(recorder);
                Files.createSymbolicLink(recorder, Path.of("/dev/zero"));
            }
        };

        abstract void with(Path recorder) throws IOException;

        private static void truncate(Path recorder, long length) throws IOException {
            try (RandomAccessFile file = new RandomAccessFile(recorder.toFile(), "rw")) {
                file.setLength(length);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Tampering.class)
    void flightRecorder_tamperedWith_theTaskFailsAllTheSame(Tampering tampering) {
        try (ProcessPool pool = pool(Setting.UNTRUSTED)) {
            long pid = warm(pool);

            WorkerLostException failure = failureOf(
                    pool.applyAsync(() -> {
                        tampering.with(Hostile.recorder());
                        Runtime.getRuntime().halt(9);
                        return null;
                    }),
                    WorkerLostException.class);

            assertThat(failure.exit().exitCode()).isEqualTo(9);
            assertServes(pool, pid);
        }
    }

    @Test
    void flightRecorder_ofTheNextWorker_isNotMadeThroughALink() throws IOException {
        Path target = directory.resolve("target");
        Files.writeString(target, "untouched");
        String victim = target.toString();
        try (ProcessPool pool = pool(Setting.UNTRUSTED)) {
            long pid = warm(pool);
            int next = only(pool).generation() + 1;

            failureOf(
                    pool.applyAsync(() -> {
                        Path mine = Hostile.recorder();
                        for (int generation = next; generation < next + 3; generation++) {
                            Files.createSymbolicLink(
                                    mine.resolveSibling("worker-0-" + generation + ".rec"), Path.of(victim));
                        }
                        Runtime.getRuntime().halt(9);
                        return null;
                    }),
                    WorkerLostException.class);

            assertServes(pool, pid);
        }
        assertThat(target).hasContent("untouched");
    }

    // ---- payloads -------------------------------------------------------------------------------------------------

    /** What an untrusted worker may give for a value. */
    enum Payload {
        GADGET("Gadget is not among the resultTypes") {
            @Override
            byte[] encoded(Path directory) {
                return Hostile.encoded(new Gadget(directory));
            }
        },
        GADGET_IN_A_COLLECTION("Gadget is not among the resultTypes") {
            @Override
            byte[] encoded(Path directory) {
                return Hostile.encoded(new ArrayList<>(List.of(Map.of("a", List.of(new Gadget(directory))))));
            }
        },
        CODE("SerializedLambda is not among the resultTypes") {
            @Override
            byte[] encoded(Path directory) {
                return Hostile.encoded((TaskCallable<Integer>) () -> 1);
            }
        },
        DEEP("nested deeper") {
            @Override
            byte[] encoded(Path directory) {
                List<Object> deep = new ArrayList<>();
                for (int i = 0; i < 500; i++) {
                    deep = new ArrayList<>(List.of(deep));
                }
                return Hostile.encoded(deep);
            }
        },
        LAUGHING_SETS("steps to hash and to compare") {
            @Override
            byte[] encoded(Path directory) {
                return LaughingSets.encoded(60);
            }
        },
        GARBAGE("malformed") {
            @Override
            byte[] encoded(Path directory) {
                return new byte[] {10, (byte) 0xac, (byte) 0xed, 0, 5, 0x73, 1, 2, 3};
            }
        },
        UNKNOWN_TAG("unknown tag") {
            @Override
            byte[] encoded(Path directory) {
                return new byte[] {99};
            }
        };

        private final String reason;

        Payload(String reason) {
            this.reason = reason;
        }

        abstract byte[] encoded(Path directory);
    }

    @ParameterizedTest
    @EnumSource(Payload.class)
    void payload_ofAnUntrustedWorker_isRefusedAndTheWorkerReplaced(Payload payload) {
        String place = directory.toString();
        try (CapturedLog log = CapturedLog.of("io.processpool");
                ProcessPool pool = pool(Setting.UNTRUSTED)) {
            long pid = warm(pool);

            TaskSerializationException failure = failureOf(
                    pool.applyAsync(() -> {
                        Hostile.result(ItemStatus.VALUE, payload.encoded(Path.of(place)));
                        return Hostile.waitForTheEnd();
                    }),
                    TaskSerializationException.class);

            assertThat(failure).hasMessageContaining(payload.reason);
            await().atMost(Lifecycle.PATIENCE).until(() -> !Lifecycle.alive(pid));
            assertServes(pool, pid);
            await().atMost(Lifecycle.PATIENCE)
                    .until(() -> !log.events(Level.WARN, payload.reason).isEmpty());
            assertThat(directory.resolve("trace")).doesNotExist();
        }
    }

    @Test
    void gadget_ofATrustedWorker_isRead() throws IOException {
        String place = directory.toString();
        try (ProcessPool pool = pool(Setting.TRUSTED)) {
            pool.apply(() -> new Gadget(Path.of(place)));
        }
        assertThat(directory.resolve("trace"))
                .as("so that its absence in other tests means something")
                .hasContent(Long.toString(ProcessHandle.current().pid()));
    }

    @Test
    void exceptionWithGadget_isText() {
        String place = directory.toString();
        try (ProcessPool pool = pool(Setting.UNTRUSTED)) {
            TaskFailedException failure = failureOf(
                    pool.applyAsync(() -> {
                        throw new Armed(new Gadget(Path.of(place)));
                    }),
                    TaskFailedException.class);

            assertThat(failure.getCause()).isInstanceOf(RemoteException.class);
            assertThat(((RemoteException) failure.getCause()).className()).isEqualTo(Armed.class.getName());
            assertThat(failure.getMessage()).contains("armed\\u000aand forged").doesNotContain("\n");
            assertThat(failure.getCause().getStackTrace()).isNotEmpty();
            assertThat(directory.resolve("trace")).doesNotExist();
        }
    }

    @Test
    void failureThatIsNone_isRefusedAndTheWorkerReplaced() {
        try (ProcessPool pool = pool(Setting.UNTRUSTED)) {
            long pid = warm(pool);

            failureOf(
                    pool.applyAsync(() -> {
                        Hostile.result(ItemStatus.THREW, new byte[] {5, 1, 2});
                        return Hostile.waitForTheEnd();
                    }),
                    TaskSerializationException.class);

            await().atMost(Lifecycle.PATIENCE).until(() -> !Lifecycle.alive(pid));
            assertServes(pool, pid);
        }
    }

    @Test
    void oversize_ofAnUntrustedWorker_isRefusedBeforeItIsThere() {
        try (ProcessPool pool = pool(Setting.UNTRUSTED)) {
            long pid = warm(pool);

            WorkerLostException failure =
                    failureOf(pool.applyAsync(() -> new byte[70 << 20]), WorkerLostException.class);

            assertThat(failure.reason()).isEqualTo(LossReason.PROTOCOL);
            assertThat(failure).hasMessageContaining("bytes");
            assertServes(pool, pid);
            assertThat(pool.<byte[]>apply(() -> new byte[20 << 20])).hasSize(20 << 20);
        }
    }

    @Test
    void initializerThatFailsWithGadget_isText() {
        String place = directory.toString();
        for (Setting setting : List.of(Setting.UNTRUSTED, Setting.TRUSTED)) {
            ProcessPool.Builder builder = setting.apply(
                    ProcessPool.builder().name("hostile").workers(1).initializer(() -> {
                        throw new Armed(new Gadget(Path.of(place)));
                    }));
            if (setting == Setting.TRUSTED) {
                // a filter that was set holds for these, too
                builder.resultFilter(info -> info.serialClass() == Gadget.class
                        ? java.io.ObjectInputFilter.Status.REJECTED
                        : java.io.ObjectInputFilter.Status.UNDECIDED);
            }
            try (ProcessPool pool = builder.build()) {
                WorkerStartException failure = failureOf(pool.applyAsync(() -> 1), WorkerStartException.class);

                assertThat(rootOf(failure)).isInstanceOf(RemoteException.class);
                assertThat(directory.resolve("trace")).doesNotExist();
            }
        }
    }

    private static @Nullable Throwable rootOf(Throwable failure) {
        Throwable at = failure;
        while (at.getCause() != null) {
            at = at.getCause();
        }
        return at;
    }
}
