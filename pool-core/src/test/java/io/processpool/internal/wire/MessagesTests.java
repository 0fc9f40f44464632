package io.processpool.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.wire.SampleMessages.Sample;
import io.processpool.testing.Allocations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.recursive.comparison.RecursiveComparisonConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class MessagesTests {

    /** Those whose last part is whatever is left, so that no byte can be too many. */
    private static final Set<Class<?>> OPEN_ENDED = Set.of(
            Message.StartFailed.class,
            Message.Results.class,
            Message.Stack.class,
            Message.Function.class,
            Message.Tasks.class);

    static List<Sample> samples() {
        return SampleMessages.all();
    }

    static Stream<Sample> closedSamples() {
        return samples().stream()
                .filter(sample -> !OPEN_ENDED.contains(sample.message().getClass()));
    }

    static IntStream unknownTypes() {
        Set<Integer> known = samples().stream().map(Sample::type).collect(Collectors.toSet());
        return IntStream.rangeClosed(-1, 256).filter(type -> !known.contains(type));
    }

    // ---- golden bytes ---------------------------------------------------------------------------------------------

    @Test
    void samples_ofEveryMessage_exist() {
        Set<Class<?>> sampled =
                samples().stream().map(sample -> sample.message().getClass()).collect(Collectors.toSet());

        assertThat(sampled).containsExactlyInAnyOrder(Message.class.getPermittedSubclasses());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void type_anyMessage_isTheGoldenOne(Sample sample) {
        assertThat(Messages.type(sample.message())).isEqualTo(sample.type());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void body_anyMessage_hasTheGoldenBytes(Sample sample) {
        assertThat(HexFormat.of().formatHex(Messages.body(sample.message()).toArray()))
                .isEqualTo(sample.body());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void read_goldenBytes_givesTheMessage(Sample sample) throws ProtocolException {
        assertSame(Messages.read(sample.type(), Bytes.of(sample.bytes())), sample.message());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void read_goldenBytesInSegmentsOfOne_givesTheMessage(Sample sample) throws ProtocolException {
        assertSame(Messages.read(sample.type(), inSegments(sample.bytes(), 1)), sample.message());
    }

    @Test
    void codes_ofStatusAndKind_areTheOrdinalsOnTheWire() throws ProtocolException {
        assertThat(ItemStatus.values())
                .containsExactly(
                        ItemStatus.VALUE,
                        ItemStatus.THREW,
                        ItemStatus.BAD_ARGUMENT,
                        ItemStatus.BAD_RESULT,
                        ItemStatus.SKIPPED,
                        ItemStatus.RUN);
        assertThat(FunctionKind.values())
                .containsExactly(FunctionKind.CALLABLE, FunctionKind.FUNCTION, FunctionKind.BIFUNCTION);
        assertThat(ItemStatus.of(4)).isEqualTo(ItemStatus.SKIPPED);
        assertThat(ItemStatus.of(5)).isEqualTo(ItemStatus.RUN);
    }

    @Test
    void body_longPayload_isNotCopied() throws ProtocolException {
        byte[] payload = new byte[8192];
        new Random(3).nextBytes(payload);

        Bytes body = Messages.body(new Message.Tasks(1, 2, 3, Bytes.EMPTY, Bytes.of(payload)));

        Bytes behindTheHead = Objects.requireNonNull(body.next());
        assertThat(behindTheHead.buffer().array()).isSameAs(payload);
        assertSame(Messages.read(Messages.TASKS, body), new Message.Tasks(1, 2, 3, Bytes.EMPTY, Bytes.of(payload)));
    }

    // ---- refusals -------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("unknownTypes")
    void read_unknownType_isRefused(int type) {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> Messages.read(type, Bytes.EMPTY))
                .withMessage("unknown message type: " + type);
    }

    @ParameterizedTest
    @MethodSource("closedSamples")
    void read_bytesTooMany_areRefused(Sample sample) {
        byte[] longer = Arrays.copyOf(sample.bytes(), sample.bytes().length + 2);

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> Messages.read(sample.type(), Bytes.of(longer)))
                .withMessage("message of type " + sample.type() + " has 2 bytes too many");
    }

    @ParameterizedTest
    @MethodSource("closedSamples")
    void read_bodyTwice_isRefused(Sample sample) {
        byte[] once = sample.bytes();
        if (once.length == 0) {
            return;
        }
        byte[] twice = Arrays.copyOf(once, once.length * 2);
        System.arraycopy(once, 0, twice, once.length, once.length);

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> Messages.read(sample.type(), Bytes.of(twice)));
    }

    @ParameterizedTest
    @MethodSource("closedSamples")
    void read_truncatedAnywhere_isRefused(Sample sample) {
        byte[] whole = sample.bytes();
        for (int length = 0; length < whole.length; length++) {
            Bytes truncated = Bytes.of(whole, 0, length);
            assertThatExceptionOfType(ProtocolException.class)
                    .as("%d of %d bytes", length, whole.length)
                    .isThrownBy(() -> Messages.read(sample.type(), truncated))
                    .withMessageContaining("message of type " + sample.type());
        }
    }

    @ParameterizedTest
    @CsvSource({"9, 2", "33, 2", "35, 3"})
    void read_openEndedWithoutItsHead_isRefused(int type, int head) {
        for (int length = 0; length < head; length++) {
            byte[] truncated = new byte[length];
            Arrays.fill(truncated, (byte) 1);
            assertThatExceptionOfType(ProtocolException.class)
                    .as("%d of at least %d bytes", length, head)
                    .isThrownBy(() -> Messages.read(type, Bytes.of(truncated)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Messages.RETURNED, Messages.CANCEL, Messages.STACK_REQUEST, Messages.STACK, Messages.PROGRESS})
    void read_negativeIndex_isRefused(int type) {
        BytesOut out = new BytesOut();
        out.writeVarLong(1);
        out.writeVarLong(-1);
        out.write(new byte[16], 0, type == Messages.PROGRESS ? 16 : 0);

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> Messages.read(type, out.take()))
                .withMessageContaining("number out of range: -1");
    }

    @ParameterizedTest
    @ValueSource(ints = {Messages.RETURNED, Messages.RECALL, Messages.FORGET, Messages.TASKS, Messages.FUNCTION})
    void read_numberBeyondInt_isRefused(int type) {
        BytesOut out = new BytesOut();
        out.writeVarLong(1L << 31);
        out.write(new byte[] {1, 1, 1}, 0, 3);

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> Messages.read(type, out.take()))
                .withMessageContaining("number out of range: 2147483648");
    }

    @Test
    void read_numberWithoutEnd_isRefused() {
        byte[] endless = new byte[64];
        Arrays.fill(endless, (byte) 0xFF);

        for (int type : new int[] {Messages.RETURNED, Messages.GOODBYE, Messages.TASKS, Messages.WELCOME}) {
            assertThatExceptionOfType(ProtocolException.class)
                    .as("type %d", type)
                    .isThrownBy(() -> Messages.read(type, Bytes.of(endless)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"000001", "010001", "7f0001"})
    void read_tasksWithoutItems_areRefused(String head) {
        byte[] noItems = HexFormat.of().parseHex(head.substring(0, 4) + "0000");

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> Messages.read(Messages.TASKS, Bytes.of(noItems)))
                .withMessageContaining("count must be >= 1: 0");
    }

    @Test
    void read_functionWithNumberZero_isRefused() {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> Messages.read(Messages.FUNCTION, SampleMessages.hex("0000")))
                .withMessageContaining("function id must be > 0: 0");
    }

    @ParameterizedTest
    @CsvSource({"03, 3", "7f, 127", "80, -128", "ff, -1"})
    void read_unknownFunctionKind_isRefused(String code, int shown) {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> Messages.read(Messages.FUNCTION, SampleMessages.hex("01" + code)))
                .withMessage("unknown function kind: " + shown);
    }

    @ParameterizedTest
    @ValueSource(longs = {1 << 28, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void read_absurdLength_isRefusedBeforeAnythingIsAllocated(long length) {
        BytesOut dump = new BytesOut();
        dump.writeLong(1);
        dump.writeVarLong(length);
        BytesOut goodbye = new BytesOut();
        goodbye.writeVarLong(length);
        BytesOut welcome = new BytesOut();
        welcome.writeVarLong(length);
        Bytes[] bodies = {dump.take(), goodbye.take(), welcome.take()};
        int[] types = {Messages.DUMP, Messages.GOODBYE, Messages.WELCOME};

        for (int i = 0; i < types.length; i++) {
            int type = types[i];
            Bytes body = bodies[i];
            long allocated = Allocations.ofThisThread(() ->
                    assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> Messages.read(type, body)));
            assertThat(allocated).as("type %d", type).isLessThan(1 << 24);
        }
    }

    @Test
    void read_helloOfAnyOtherLength_isRefused() {
        for (int length = 0; length < 80; length++) {
            if (length == Message.Hello.TOKEN) {
                continue;
            }
            Bytes body = Bytes.of(new byte[length]);
            assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> Messages.read(Messages.HELLO, body));
        }
    }

    // ---- the messages themselves ----------------------------------------------------------------------------------

    @Test
    void messages_withValuesThatMakeNoSense_cannotBeMade() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Message.Hello(Bytes.of(new byte[31])))
                .withMessage("token must have 32 bytes: 31");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Message.Returned(1, -1))
                .withMessage("index must be >= 0: -1");
        assertThatIllegalArgumentException().isThrownBy(() -> new Message.Progress(1, -1, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Message.Stack(1, -1, Bytes.EMPTY));
        assertThatIllegalArgumentException().isThrownBy(() -> new Message.Cancel(1, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Message.StackRequest(1, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Message.Tasks(1, 1, 0, Bytes.EMPTY, Bytes.EMPTY));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Message.Function(0, FunctionKind.CALLABLE, Bytes.EMPTY));
    }

    // ---- fuzz -----------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void read_randomBytes_throwsNothingButProtocolExceptions(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            int type = random.nextInt(4) == 0
                    ? random.nextInt(300) - 20
                    : samples().get(random.nextInt(samples().size())).type();
            byte[] body = new byte[random.nextInt(64)];
            random.nextBytes(body);
            readOrRefuse(type, body, random, seed, round);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
    void read_damagedMessages_throwsNothingButProtocolExceptions(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            Sample sample = samples().get(random.nextInt(samples().size()));
            readOrRefuse(sample.type(), damage(sample.bytes(), random), random, seed, round);
        }
    }

    private static void readOrRefuse(int type, byte[] body, Random random, long seed, int round) {
        Message message;
        try {
            message = Messages.read(type, inSegments(body, 1 + random.nextInt(16)));
        } catch (ProtocolException expected) {
            assertThat(expected).hasMessageMatching("(?s).+");
            return;
        } catch (Throwable t) {
            throw new AssertionError(
                    "seed " + seed + ", round " + round + ", type " + type + ", body "
                            + HexFormat.of().formatHex(body),
                    t);
        }
        assertThat(Messages.type(message)).isEqualTo(type);
    }

    private static byte[] damage(byte[] body, Random random) {
        byte[] damaged = Arrays.copyOf(body, Math.max(0, body.length + random.nextInt(5) - 2));
        for (int i = random.nextInt(4); i > 0 && damaged.length > 0; i--) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
        return damaged;
    }

    private static Bytes inSegments(byte[] all, int size) {
        List<Bytes> parts = new ArrayList<>();
        for (int from = 0; from < all.length; from += size) {
            parts.add(Bytes.of(all, from, Math.min(size, all.length - from)));
        }
        return Bytes.concat(parts);
    }

    private static void assertSame(Message actual, Message expected) {
        RecursiveComparisonConfiguration byContents = RecursiveComparisonConfiguration.builder()
                .withEqualsForType((one, other) -> Arrays.equals(one.toArray(), other.toArray()), Bytes.class)
                .withStrictTypeChecking(true)
                .build();
        assertThat(actual).usingRecursiveComparison(byContents).isEqualTo(expected);
    }
}
