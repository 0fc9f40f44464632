package io.processpool.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.RemoteException;
import io.processpool.TaskSerializationException;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FailureCodecTests {

    private static final ClassLoader LOADER = FailureCodecTests.class.getClassLoader();

    @Test
    void decode_ordinaryException_isTheSameTypeWithStackCauseAndSuppressed() {
        IllegalStateException failure = new IllegalStateException("boom", new IOException("disk"));
        failure.addSuppressed(new IllegalArgumentException("also"));

        Throwable decoded = roundTrip(failure);

        assertThat(decoded).isExactlyInstanceOf(IllegalStateException.class).hasMessage("boom");
        assertThat(decoded.getCause()).isExactlyInstanceOf(IOException.class).hasMessage("disk");
        assertThat(decoded.getSuppressed()[0])
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessage("also");
        assertThat(printed(decoded)).isEqualTo(printed(failure));
    }

    @Test
    void decode_nullMessage_staysNull() {
        assertThat(roundTrip(new RuntimeException())).hasMessage(null);
        assertThat(((RemoteException) roundTrip(new Unserializable(null))).originalMessage())
                .isNull();
    }

    @Test
    void decode_constructorLessException_isRebuilt() {
        Throwable decoded = roundTrip(WithoutConstructor.of(42));

        assertThat(decoded).isInstanceOf(WithoutConstructor.class);
        assertThat(((WithoutConstructor) decoded).code).isEqualTo(42);
    }

    @Test
    void decode_unserializableField_isRemoteExceptionThatPrintsTheSame() {
        Unserializable failure = new Unserializable("boom");
        failure.initCause(new IOException("disk"));
        failure.addSuppressed(new IllegalArgumentException("also"));

        Throwable decoded = roundTrip(failure);

        assertThat(decoded).isInstanceOf(RemoteException.class);
        RemoteException remote = (RemoteException) decoded;
        assertThat(remote.className()).isEqualTo(Unserializable.class.getName());
        assertThat(remote.originalMessage()).isEqualTo("boom");
        assertThat(remote.getStackTrace()).isEqualTo(asText(failure.getStackTrace()));
        assertThat(remote.getCause()).isInstanceOf(RemoteException.class).hasMessage("java.io.IOException: disk");
        assertThat(remote.getSuppressed()[0]).hasMessage("java.lang.IllegalArgumentException: also");
        assertThat(printed(remote).replace("io.processpool.RemoteException: ", ""))
                .isEqualTo(printed(failure));
    }

    @Test
    void decode_unserializableCause_isReplacedAloneByRemoteException() {
        SQLException failure = new SQLException("outer", "42000", 7, new Unserializable("inner"));
        failure.addSuppressed(new Unserializable("also"));

        Throwable decoded = roundTrip(failure);

        assertThat(decoded).isExactlyInstanceOf(SQLException.class).hasMessage("outer");
        assertThat(((SQLException) decoded).getErrorCode()).isEqualTo(7);
        assertThat(decoded.getCause())
                .isInstanceOf(RemoteException.class)
                .hasMessage(Unserializable.class.getName() + ": inner");
        assertThat(decoded.getCause().getStackTrace())
                .isEqualTo(asText(failure.getCause().getStackTrace()));
        assertThat(decoded.getSuppressed()[0]).isInstanceOf(RemoteException.class);
    }

    @Test
    void decode_standInDoesNotFitTheField_isRemoteExceptionAsAWhole() {
        SQLException failure = new SQLException("first");
        failure.setNextException(new UnserializableSql("next"));

        assertThat(roundTrip(failure)).isInstanceOf(RemoteException.class).hasMessage("java.sql.SQLException: first");
    }

    @Test
    void decode_classUnknownHere_isRemoteException(@TempDir Path directory) throws Exception {
        try (var loader = ClassesFromSource.compile(
                directory,
                "Failure",
                "public class Failure extends RuntimeException { public Failure() { super(\"x\"); } }")) {
            Throwable failure = (Throwable) ClassesFromSource.instance(loader, "Failure");
            Bytes bytes = encode(failure);

            assertThat(FailureCodec.decode(bytes.open(), LOADER, null))
                    .isInstanceOf(RemoteException.class)
                    .hasMessage("elsewhere.Failure: x");
            assertThat(FailureCodec.decode(bytes.open(), loader, null)).hasSameClassAs(failure);
        }
    }

    @Test
    void decode_rejectedByFilter_isRemoteException() {
        Bytes bytes = encode(WithoutConstructor.of(1));

        assertThat(FailureCodec.decode(bytes.open(), LOADER, ObjectInputFilter.Config.createFilter("java.base/*;!*")))
                .isInstanceOf(RemoteException.class)
                .hasMessage(WithoutConstructor.class.getName() + ": code 1");
    }

    @Test
    void decode_readObjectThrowsOrReturnsSomethingElse_isRemoteException() {
        assertThat(roundTrip(new ThrowsWhenRead("boom"))).isInstanceOf(RemoteException.class);
        assertThat(roundTrip(new BecomesText("boom"))).isInstanceOf(RemoteException.class);
        assertThat(roundTrip(new ThrowsWhenRead("boom")).getStackTrace()).isNotEmpty();
    }

    @Test
    void decode_cyclicCauses_ends() {
        RuntimeException first = new RuntimeException("first");
        RuntimeException second = new RuntimeException("second", first);
        first.initCause(second);
        first.addSuppressed(second);

        Throwable decoded = roundTrip(first);
        assertThat(decoded).hasMessage("first").hasCauseInstanceOf(RuntimeException.class);
        assertThat(decoded.getStackTrace()).isNotEmpty();
        assertThat(decoded.getCause().getCause()).isSameAs(decoded);

        Unserializable third = new Unserializable("third");
        third.initCause(new RuntimeException("fourth", third));
        Throwable remote = roundTrip(third);
        assertThat(remote).isInstanceOf(RemoteException.class);
        assertThat(remote.getCause()).hasMessage("java.lang.RuntimeException: fourth");
        assertThat(remote.getCause().getCause()).isNull();
    }

    @Test
    void encode_gettersThrow_travelsWithWhatIsLeft() {
        Throwable decoded = roundTrip(new Malicious());

        assertThat(decoded)
                .isInstanceOf(RemoteException.class)
                .hasMessage(Malicious.class.getName() + ": (getMessage() threw java.lang.IllegalStateException)");
    }

    @Test
    void decode_gettersThrowHere_isStillRebuilt() {
        assertThat(roundTrip(new ThrowingSetter())).isInstanceOf(ThrowingSetter.class);
    }

    @Test
    void encode_thousandCauses_isBounded() {
        Throwable failure = new Unserializable("deepest");
        for (int i = 0; i < 1000; i++) {
            failure = new RuntimeException("level " + i, failure);
        }
        failure = new Unserializable("top").initCause(failure);

        Throwable at = roundTrip(failure);
        int causes = 0;
        for (; at.getCause() != null; at = at.getCause()) {
            causes++;
        }
        assertThat(causes).isEqualTo(FailureText.MAX_DEPTH);
    }

    @Test
    void encode_manySuppressed_isBounded() {
        Throwable failure = new Unserializable("top");
        for (int i = 0; i < 5000; i++) {
            failure.addSuppressed(new Unserializable("suppressed " + i));
        }

        assertThat(roundTrip(failure).getSuppressed()).hasSize(FailureText.MAX_FAILURES - 1);
    }

    private static StackTraceElement[] frames(int count) {
        StackTraceElement[] frames = new StackTraceElement[count];
        for (int i = 0; i < count; i++) {
            frames[i] = new StackTraceElement(
                    FailureCodecTests.class.getName(), "callNumber" + i, "FailureCodecTests.java", i);
        }
        return frames;
    }

    /** As an honest worker sends it: nobody reads more of one that lies. */
    @Test
    void encode_muchToSay_isShortenedToWhatIsRead() {
        Throwable failure = new Unserializable("deepest");
        failure.setStackTrace(frames(3000));
        for (int i = 0; i < 30; i++) {
            failure = new Unserializable("\u20ac".repeat(100_000)).initCause(failure);
            failure.setStackTrace(frames(3000));
            for (int j = 0; j < 10; j++) {
                failure.addSuppressed(new Unserializable("suppressed " + j));
            }
        }

        BytesOut out = new BytesOut();
        FailureTextForm.write(FailureText.of(failure), out);

        assertThat(out.length()).isLessThan(FailureText.MAX_BYTES);
        RemoteException read = (RemoteException) roundTrip(failure);
        assertThat(read.originalMessage()).startsWith("\u20ac\u20ac\u20ac").endsWith(" more)");
        assertThat(read.getStackTrace()).hasSizeGreaterThan(100);
        assertThat(read.getCause().getStackTrace()).hasSizeGreaterThan(50);
    }

    @Test
    void decode_moreThanIsEverWritten_isRefusedBeforeItIsMade() {
        BytesOut out = new BytesOut();
        FailureText deep = new FailureText("c", "m", List.of(), null, List.of());
        for (int i = 0; i < 20; i++) {
            deep = new FailureText("c", "x".repeat(FailureText.MAX_MESSAGE), List.of(), deep, List.of());
        }
        FailureTextForm.write(deep, out);
        out.write(0);
        Bytes bytes = out.take();

        assertThatExceptionOfType(TaskSerializationException.class)
                .isThrownBy(() -> FailureCodec.decode(
                        bytes.open(), FailureCodecTests.class.getClassLoader(), new AllowList(List.of(), null)))
                .withMessageContaining("more bytes than");
    }

    @Test
    void encode_hugeMessage_isCut() {
        String message = ((RemoteException) roundTrip(new Unserializable("x".repeat(5_000_000)))).originalMessage();

        assertThat(message).hasSizeLessThan(70_000).endsWith("... (4934464 more)");
    }

    @Test
    void encode_hugePayload_travelsAsText() {
        Throwable failure = new WithPayload(new byte[LARGE]);

        Bytes bytes = encode(failure);

        assertThat(bytes.length()).isLessThan(1 << 20);
        assertThat(FailureCodec.decode(bytes.open(), LOADER, null)).isInstanceOf(RemoteException.class);
        assertThat(roundTrip(new WithPayload(new byte[1000]))).isInstanceOf(WithPayload.class);
    }

    @Test
    void encode_stackOverflow_keepsTheFrames() {
        StackOverflowError failure = null;
        try {
            recurse(0);
        } catch (StackOverflowError e) {
            failure = e;
        }

        Throwable decoded = roundTrip(failure);
        assertThat(decoded).isInstanceOf(StackOverflowError.class);
        assertThat(decoded.getStackTrace()).hasSizeGreaterThan(1000).isEqualTo(failure.getStackTrace());
    }

    private static <T extends Throwable> T deep(T failure) {
        failure.setStackTrace(frames(DEEP));
        return failure;
    }

    @Test
    void decode_deepStacks_areWholeInAllThatIsRebuilt() {
        Throwable failure =
                deep(new IllegalStateException("outer", deep(new IOException("inner", deep(new Error("innermost"))))));
        failure.addSuppressed(deep(new IllegalArgumentException("also")));
        failure.addSuppressed(deep(new Unserializable("and")));

        Throwable decoded = roundTrip(failure);

        assertThat(List.of(
                        decoded,
                        decoded.getCause(),
                        decoded.getCause().getCause(),
                        decoded.getSuppressed()[0],
                        decoded.getSuppressed()[1]))
                .allSatisfy(each -> assertThat(each.getStackTrace()).isEqualTo(frames(DEEP)));
        assertThat(decoded.getCause()).isExactlyInstanceOf(IOException.class);
        assertThat(decoded.getSuppressed()[1]).isInstanceOf(RemoteException.class);
    }

    @Test
    void decode_deepStacksOfWhatCannotBeRebuilt_areWholeInItsStandIn() {
        Throwable failure = deep(new Unserializable("outer"));
        failure.initCause(deep(new Unserializable("inner")));
        failure.addSuppressed(deep(new IOException("also")));

        Throwable decoded = roundTrip(failure);

        assertThat(decoded).isInstanceOf(RemoteException.class).hasMessage(Unserializable.class.getName() + ": outer");
        assertThat(List.of(decoded, decoded.getCause(), decoded.getSuppressed()[0]))
                .allSatisfy(each -> assertThat(each.getStackTrace()).isEqualTo(frames(DEEP)));
    }

    @Test
    void decode_deepStackWithTheWorkersCalls_isWholeWithoutThem() {
        StackTraceElement worker =
                new StackTraceElement("io.processpool.internal.worker.TaskLoop", "run", "TaskLoop.java", 7);
        RuntimeException failure = new RuntimeException("x");
        failure.setStackTrace(Stream.concat(Arrays.stream(frames(DEEP)), Stream.of(worker, worker))
                .toArray(StackTraceElement[]::new));

        assertThat(roundTrip(failure).getStackTrace()).isEqualTo(frames(DEEP));
    }

    /** A class may make another object of what was sent, with the stack of the moment when it does. */
    @Test
    void decode_objectThatIsMadeAnew_hasTheStackThatItHadInTheWorker() {
        RuntimeException failure = deep(new MadeAnew("x"));

        StackTraceElement[] stack = roundTrip(failure).getStackTrace();

        assertThat(stack).hasSizeGreaterThan(100).isEqualTo(Arrays.copyOf(frames(DEEP), stack.length));
    }

    @Test
    void decode_deepStacksOfAnUntrustedWorker_areShortened() {
        AllowList none = new AllowList(List.of(), null);

        for (Throwable failure : List.of(deep(new IllegalStateException("x")), deep(new Unserializable("x")))) {
            assertThat(FailureCodec.decode(encode(failure).open(), LOADER, none).getStackTrace())
                    .hasSizeBetween(100, FailureText.MAX_FRAMES);
        }
    }

    @Test
    void encode_absurdlyDeepStack_isBounded() {
        Unserializable failure = new Unserializable("x");
        failure.setStackTrace(frames(200_000));

        Bytes bytes = encode(failure);

        assertThat(bytes.length()).isLessThan(1 << 22);
        assertThat(FailureCodec.decode(bytes.open(), LOADER, null).getStackTrace())
                .hasSizeBetween(DEEP, 20_000);
    }

    @Test
    void encode_appendsBehindWhatIsThere() throws IOException {
        BytesOut out = new BytesOut();
        out.writeInt(7);
        FailureCodec.encode(new Unserializable("x"), out);
        var in = out.take().open();

        assertThat(in.readInt()).isEqualTo(7);
        assertThat(FailureCodec.decode(in, LOADER, null)).isInstanceOf(RemoteException.class);
    }

    @Test
    void decode_workerFrames_areTrimmed() {
        StackTraceElement user = new StackTraceElement("com.acme.Task", "run", "Task.java", 5);
        StackTraceElement jdk = new StackTraceElement("java.util.ArrayList", "get", "ArrayList.java", 6);
        StackTraceElement worker =
                new StackTraceElement("io.processpool.internal.worker.TaskLoop", "run", "TaskLoop.java", 7);
        StackTraceElement thread = new StackTraceElement("java.lang.Thread", "run", "Thread.java", 8);

        assertThat(trimmed(jdk, user, worker, jdk, worker, thread)).containsExactly(jdk, user);
        assertThat(trimmed(jdk, worker, thread)).containsExactly(jdk);
        // Thrown by the worker's own code on behalf of the task, which called it.
        assertThat(trimmed(worker, user, worker, thread)).containsExactly(worker, user);
        assertThat(trimmed(user, thread)).containsExactly(user, thread);
        assertThat(trimmed(worker, worker, thread)).containsExactly(worker, worker, thread);
        assertThat(trimmed()).isEmpty();
    }

    private static Stream<StackTraceElement> framesOf(Throwable failure) {
        return Arrays.stream(failure.getStackTrace());
    }

    private static List<StackTraceElement> trimmed(StackTraceElement... frames) {
        RuntimeException rebuilt = new RuntimeException("rebuilt");
        rebuilt.setStackTrace(frames);
        Unserializable text = new Unserializable("text");
        text.setStackTrace(frames);
        List<StackTraceElement> stack = framesOf(roundTrip(rebuilt)).toList();
        assertThat(framesOf(roundTrip(text))).isEqualTo(stack);
        return stack;
    }

    @Test
    void decode_moduleAndNativeFrames_printAsBefore() {
        Throwable failure = new Unserializable("x");
        failure.setStackTrace(new StackTraceElement[] {
            new StackTraceElement("mine", "com.acme", "1.2", "com.acme.Task", "run", "Task.java", 5),
            new StackTraceElement("com.acme.Native", "call", null, -2),
            new StackTraceElement("com.acme.Unknown", "call", null, -1)
        });

        assertThat(roundTrip(failure).getStackTrace()).isEqualTo(failure.getStackTrace());
    }

    @Test
    void decode_malformed_throws() {
        Bytes whole = encode(new Unserializable("x"));

        assertThatThrownBy(() -> FailureCodec.decode(Bytes.EMPTY.open(), LOADER, null))
                .isInstanceOf(TaskSerializationException.class)
                .hasMessageStartingWith("Cannot decode failure: malformed or incomplete data");
        for (int length = 0; length < whole.length(); length += 7) {
            Bytes part = whole.slice(0, length);
            assertThatThrownBy(() -> FailureCodec.decode(part.open(), LOADER, null))
                    .isInstanceOf(TaskSerializationException.class);
        }
    }

    @Test
    void encode_errorOfTheJvm_passesThrough() {
        assertThatThrownBy(() -> encode(new OutOfMemoryWhenWritten())).isInstanceOf(OutOfMemoryError.class);
        assertThatCode(() -> roundTrip(new OutOfMemoryError("of the task"))).doesNotThrowAnyException();
    }

    private static final int LARGE = 40 << 20;

    /** More frames than the text has room for. */
    private static final int DEEP = 2000;

    private static int recurse(int depth) {
        return depth < 0 ? 0 : recurse(depth + 1) + 1;
    }

    private static Bytes encode(Throwable failure) {
        BytesOut out = new BytesOut();
        FailureCodec.encode(failure, out);
        return out.take();
    }

    private static Throwable roundTrip(Throwable failure) {
        return FailureCodec.decode(encode(failure).open(), LOADER, null);
    }

    private static String printed(Throwable failure) {
        StringWriter out = new StringWriter();
        failure.printStackTrace(new PrintWriter(out));
        return out.toString();
    }

    /** Leaves out what the JVM leaves out when it prints its own frames. */
    private static StackTraceElement[] asText(StackTraceElement[] frames) {
        return Arrays.stream(frames)
                .map(f -> new StackTraceElement(
                        null,
                        f.getModuleName(),
                        null,
                        f.getClassName(),
                        f.getMethodName(),
                        f.getFileName(),
                        f.getLineNumber()))
                .toArray(StackTraceElement[]::new);
    }

    static final class WithoutConstructor extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int code;

        private WithoutConstructor(int code) {
            super("code " + code);
            this.code = code;
        }

        static WithoutConstructor of(int code) {
            return new WithoutConstructor(code);
        }
    }

    static final class Unserializable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings({"serial", "UnusedVariable"}) // That is the point.
        private final Object connection = new Object();

        Unserializable(String message) {
            super(message);
        }
    }

    static final class UnserializableSql extends SQLException {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings({"serial", "UnusedVariable"}) // That is the point.
        private final Object connection = new Object();

        UnserializableSql(String message) {
            super(message);
        }
    }

    static final class WithPayload extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("UnusedVariable") // It only has to travel.
        private final byte[] payload;

        WithPayload(byte[] payload) {
            this.payload = payload;
        }
    }

    static final class ThrowsWhenRead extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ThrowsWhenRead(String message) {
            super(message);
        }

        private void readObject(ObjectInputStream in) {
            throw new IllegalStateException("not today");
        }
    }

    static final class BecomesText extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BecomesText(String message) {
            super(message);
        }

        private Object readResolve() {
            return getMessage();
        }
    }

    static final class MadeAnew extends RuntimeException {
        private static final long serialVersionUID = 1L;

        MadeAnew(String message) {
            super(message);
        }

        private Object readResolve() {
            return new MadeAnew(getMessage());
        }
    }

    static final class OutOfMemoryWhenWritten extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Object writeReplace() {
            throw new OutOfMemoryError("test");
        }
    }

    static final class ThrowingSetter extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public void setStackTrace(StackTraceElement[] stackTrace) {
            throw new AssertionError();
        }
    }

    /** Throws from whatever it can. */
    static final class Malicious extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException();
        }

        @Override
        public synchronized Throwable getCause() {
            throw new IllegalStateException();
        }

        @Override
        public StackTraceElement[] getStackTrace() {
            throw new StackOverflowError();
        }

        private Object writeReplace() {
            throw new AssertionError();
        }
    }
}
