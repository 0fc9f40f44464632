package io.processpool;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesOut;
import io.processpool.internal.codec.ValueCodec;
import io.processpool.internal.transport.Channel;
import io.processpool.internal.transport.RawBytes;
import io.processpool.internal.wire.Frame;
import io.processpool.internal.wire.ItemStatus;
import io.processpool.internal.wire.Message;
import io.processpool.internal.wire.ResultRecord;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** What a worker sends that it must not send, with what the pool says of it, or nothing if it lets it pass. */
enum Nonsense {

    // ---- bytes ----------------------------------------------------------------------------------------------------

    GARBAGE("not a frame") {
        @Override
        void send(Channel channel, int batch, int index) {
            byte[] bytes = new byte[4096];
            new Random(5).nextBytes(bytes);
            RawBytes.send(channel, bytes);
        }
    },
    ANOTHER_PROTOCOL("not a frame") {
        @Override
        void send(Channel channel, int batch, int index) {
            RawBytes.send(channel, "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
    },
    ANOTHER_VERSION("not a frame") {
        @Override
        void send(Channel channel, int batch, int index) {
            byte[] header = header(5, 0);
            header[2]++;
            RawBytes.send(channel, header);
        }
    },
    ABSURD_LENGTH("frame of 2147483647 bytes, allowed are 134217728") {
        @Override
        void send(Channel channel, int batch, int index) {
            RawBytes.send(channel, header(5, Integer.MAX_VALUE));
        }
    },
    NEGATIVE_LENGTH("frame of 4294967295 bytes, allowed are 134217728") {
        @Override
        void send(Channel channel, int batch, int index) {
            RawBytes.send(channel, header(5, -1));
        }
    },
    UNKNOWN_TYPE("unknown") {
        @Override
        void send(Channel channel, int batch, int index) {
            RawBytes.send(channel, header(0x7e, 0));
        }
    },
    FRAME_THAT_GOES_ON_EMPTY("empty frame that goes on") {
        @Override
        void send(Channel channel, int batch, int index) {
            byte[] header = header(5, 0);
            header[3] |= (byte) 0x80;
            RawBytes.send(channel, header);
        }
    },
    RESULTS_CUT_SHORT("results cannot be read") {
        @Override
        void send(Channel channel, int batch, int index) {
            Bytes record = result(batch, index);
            channel.send(new Message.Results(Bytes.of(Arrays.copyOf(record.toArray(), (int) record.length() - 1))));
        }
    },

    // ---- messages -------------------------------------------------------------------------------------------------

    MESSAGE_FOR_WORKERS("not a message to the pool: Ping") {
        @Override
        void send(Channel channel, int batch, int index) {
            channel.send(new Message.Ping(1));
        }
    },
    SECOND_HELLO("not a message to the pool: Hello") {
        @Override
        void send(Channel channel, int batch, int index) {
            channel.send(new Message.Hello(Bytes.of(new byte[Message.Hello.TOKEN])));
        }
    },
    SECOND_RESULT("which does not run") {
        @Override
        void send(Channel channel, int batch, int index) {
            channel.send(new Message.Results(result(batch, index)));
            channel.send(new Message.Results(result(batch, index)));
        }
    },
    RESULT_OF_ANOTHER_ITEM("which does not run") {
        @Override
        void send(Channel channel, int batch, int index) {
            channel.send(new Message.Results(result(batch, index + 1)));
        }
    },
    RESULT_OF_ANOTHER_BATCH("which does not run") {
        @Override
        void send(Channel channel, int batch, int index) {
            channel.send(new Message.Results(result(batch + 1, index)));
        }
    },
    MORE_GIVEN_BACK_THAN_THERE_IS("returned, of 1") {
        @Override
        void send(Channel channel, int batch, int index) {
            channel.send(new Message.Returned(batch, 7));
        }
    },
    GOODBYE_WITHOUT_BEING_TOLD("goodbye") {
        @Override
        void send(Channel channel, int batch, int index) {
            channel.send(new Message.Goodbye(null));
        }
    },
    SECOND_READY(null) {
        @Override
        void send(Channel channel, int batch, int index) {
            channel.send(new Message.Ready());
        }
    },
    START_THAT_FAILED_LATE(null) {
        @Override
        void send(Channel channel, int batch, int index) {
            channel.send(new Message.StartFailed(Bytes.EMPTY));
        }
    },
    SECOND_START_OF_THE_TASK(null) {
        @Override
        void send(Channel channel, int batch, int index) {
            channel.send(new Message.Started(batch, index));
            channel.send(new Message.Started(batch, index));
        }
    },
    START_OF_ANOTHER_TASK(null) {
        @Override
        void send(Channel channel, int batch, int index) {
            channel.send(new Message.Started(batch + 100, index));
        }
    },
    PROGRESS_OF_ANOTHER_TASK(null) {
        @Override
        void send(Channel channel, int batch, int index) {
            channel.send(new Message.Progress(batch + 100, index, 1, 2));
            channel.send(new Message.Progress(batch, index + 1, 1, 2));
        }
    },
    STACK_THAT_NOBODY_ASKED_FOR(null) {
        @Override
        void send(Channel channel, int batch, int index) {
            channel.send(new Message.Stack(batch, index, Bytes.of(new byte[] {1, 2, 3})));
        }
    },
    DUMP_THAT_NOBODY_ASKED_FOR(null) {
        @Override
        void send(Channel channel, int batch, int index) {
            channel.send(new Message.Dump(4711, "nobody asked"));
        }
    },
    ANSWER_TO_NO_PING(null) {
        @Override
        void send(Channel channel, int batch, int index) {
            channel.send(new Message.Pong(4711));
        }
    };

    /** The value in the results that are sent twice. */
    static final int RESULT = 7;

    private final String complaint;

    Nonsense(String complaint) {
        this.complaint = complaint;
    }

    /** Returns what the pool says when it gives up the worker, or null if it does not. */
    String complaint() {
        return complaint;
    }

    /** Sends it, while this item runs. */
    abstract void send(Channel channel, int batch, int index);

    static byte[] header(int type, int length) {
        byte[] header = new byte[Frame.HEADER];
        Frame.putHeader(header, 0, type, false, length);
        return header;
    }

    private static Bytes result(int batch, int index) {
        BytesOut value = new BytesOut();
        new ValueCodec(null).encode(RESULT, value, "result");
        BytesOut out = new BytesOut();
        ResultRecord.writeHead(out, batch, index, ItemStatus.VALUE, 1, value.length());
        out.write(value.take());
        return out.take();
    }
}
