package io.processpool.internal.wire;

import io.processpool.internal.bytes.Bytes;
import java.util.HexFormat;
import java.util.List;

/** One or more examples of every message, with the bytes that they have on the wire. */
public final class SampleMessages {

    /**
     * An example.
     *
     * @param type the type on the wire
     * @param message the message
     * @param body the bytes of its body, in hexadecimal digits
     */
    public record Sample(int type, Message message, String body) {

        /** Returns the body as an array of its own. */
        public byte[] bytes() {
            return HexFormat.of().parseHex(body);
        }

        @Override
        public String toString() {
            return message.getClass().getSimpleName() + " " + body;
        }
    }

    private static final String TOKEN = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    private static final List<Sample> ALL = List.of(
            new Sample(1, new Message.Hello(hex(TOKEN)), TOKEN),
            new Sample(2, new Message.Ready(), ""),
            new Sample(3, new Message.StartFailed(hex("cafe")), "cafe"),
            new Sample(4, new Message.Results(hex("010000ac02012a" + "01010400" + "00")), "010000ac02012a0101040000"),
            new Sample(5, new Message.Returned(300, 7), "ac0207"),
            new Sample(6, new Message.Progress(1, 2, 3, -1), "0102" + "0000000000000003" + "ffffffffffffffff"),
            new Sample(7, new Message.Pong(Long.MIN_VALUE), "8000000000000000"),
            new Sample(8, new Message.Dump(1, "h\u00e9"), "0000000000000001" + "03" + "68c3a9"),
            new Sample(9, new Message.Stack(1, 2, hex("beef")), "0102beef"),
            new Sample(11, new Message.Started(300, 7), "ac0207"),
            new Sample(10, new Message.Goodbye(null), "00"),
            new Sample(10, new Message.Goodbye(Bytes.EMPTY), "01"),
            new Sample(10, new Message.Goodbye(hex("cafe")), "03cafe"),
            new Sample(
                    32,
                    new Message.Welcome("p", 3, 300, null, null, hex("cafe"), null, false),
                    "0170" + "03" + "ac02" + "00" + "00" + "03cafe" + "00" + "00"),
            new Sample(
                    32,
                    new Message.Welcome("", 0, 0, "/r", hex("01"), null, Bytes.EMPTY, true),
                    "00" + "00" + "00" + "022f72" + "0201" + "00" + "01" + "01"),
            new Sample(33, new Message.Function(5, FunctionKind.BIFUNCTION, hex("beef")), "0502beef"),
            new Sample(34, new Message.Forget(300), "ac02"),
            new Sample(35, new Message.Tasks(1, 0, 2, Bytes.EMPTY, hex("01aa01bb")), "01000200" + "01aa01bb"),
            new Sample(35, new Message.Tasks(1, 0, 2, hex("0001"), hex("01aa01bb")), "010002020001" + "01aa01bb"),
            new Sample(42, new Message.Tasks(1, 0, 2, Bytes.EMPTY, hex("01aa01bb"), true), "01000200" + "01aa01bb"),
            new Sample(36, new Message.Recall(Integer.MAX_VALUE), "ffffffff07"),
            new Sample(37, new Message.Cancel(1, 2), "0102"),
            new Sample(38, new Message.StackRequest(1, 128), "018001"),
            new Sample(39, new Message.Ping(0x1122334455667788L), "1122334455667788"),
            new Sample(40, new Message.DumpRequest(-1), "ffffffffffffffff"),
            new Sample(41, new Message.Retire(), ""),
            new Sample(43, new Message.SharedMemory("/m/1"), "042f6d2f31"),
            new Sample(44, new Message.StandBy(), ""),
            new Sample(64, new Message.Switch(), ""));

    private SampleMessages() {}

    /** Returns all examples. */
    public static List<Sample> all() {
        return ALL;
    }

    /** Turns hexadecimal digits into bytes. */
    static Bytes hex(String digits) {
        return Bytes.of(HexFormat.of().parseHex(digits));
    }

    /** Those that are not about the transport itself. */
    public static List<Sample> forListeners() {
        return all().stream()
                .filter(sample -> !(sample.message() instanceof Message.SharedMemory)
                        && !(sample.message() instanceof Message.Switch))
                .toList();
    }
}
