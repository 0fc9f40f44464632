package io.processpool.internal.wire;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes and reads {@link Message}s. The types on the wire are the constants here. */
public final class Messages {

    static final int HELLO = 1;
    static final int READY = 2;
    static final int START_FAILED = 3;
    static final int RESULTS = 4;
    static final int RETURNED = 5;
    static final int PROGRESS = 6;
    static final int PONG = 7;
    static final int DUMP = 8;
    static final int STACK = 9;
    static final int GOODBYE = 10;
    static final int STARTED = 11;
    static final int WELCOME = 32;
    static final int FUNCTION = 33;
    static final int FORGET = 34;
    static final int TASKS = 35;
    static final int RECALL = 36;
    static final int CANCEL = 37;
    static final int STACK_REQUEST = 38;
    static final int PING = 39;
    static final int DUMP_REQUEST = 40;
    static final int RETIRE = 41;

    /** As {@link #TASKS}, and the worker tells when they begin. */
    static final int TASKS_TELLING_START = 42;

    static final int SHARED_MEMORY = 43;
    static final int STAND_BY = 44;
    static final int SWITCH = 64;

    private static final Message READY_MESSAGE = new Message.Ready();
    private static final Message RETIRE_MESSAGE = new Message.Retire();
    private static final Message STAND_BY_MESSAGE = new Message.StandBy();
    private static final Message SWITCH_MESSAGE = new Message.Switch();

    private Messages() {}

    /** Returns the type of a message on the wire. */
    public static int type(Message message) {
        if (message instanceof Message.Tasks tasks) {
            return tasks.tellsStart() ? TASKS_TELLING_START : TASKS;
        } else if (message instanceof Message.Results) {
            return RESULTS;
        } else if (message instanceof Message.Function) {
            return FUNCTION;
        } else if (message instanceof Message.Hello) {
            return HELLO;
        } else if (message instanceof Message.Ready) {
            return READY;
        } else if (message instanceof Message.StartFailed) {
            return START_FAILED;
        } else if (message instanceof Message.Started) {
            return STARTED;
        } else if (message instanceof Message.Returned) {
            return RETURNED;
        } else if (message instanceof Message.Progress) {
            return PROGRESS;
        } else if (message instanceof Message.Pong) {
            return PONG;
        } else if (message instanceof Message.Dump) {
            return DUMP;
        } else if (message instanceof Message.Stack) {
            return STACK;
        } else if (message instanceof Message.Goodbye) {
            return GOODBYE;
        } else if (message instanceof Message.Welcome) {
            return WELCOME;
        } else if (message instanceof Message.Forget) {
            return FORGET;
        } else if (message instanceof Message.Recall) {
            return RECALL;
        } else if (message instanceof Message.Cancel) {
            return CANCEL;
        } else if (message instanceof Message.StackRequest) {
            return STACK_REQUEST;
        } else if (message instanceof Message.Ping) {
            return PING;
        } else if (message instanceof Message.DumpRequest) {
            return DUMP_REQUEST;
        } else if (message instanceof Message.SharedMemory) {
            return SHARED_MEMORY;
        } else if (message instanceof Message.StandBy) {
            return STAND_BY;
        } else if (message instanceof Message.Switch) {
            return SWITCH;
        } else {
            return RETIRE;
        }
    }

    /** Writes the body of a message. */
    public static Bytes body(Message message) {
        if (message instanceof Message.Results results) {
            return results.records();
        }
        BytesOut out = new BytesOut(48);
        if (message instanceof Message.Tasks tasks) {
            out.writeVarLong(tasks.batch());
            out.writeVarLong(tasks.function());
            out.writeVarLong(tasks.count());
            out.writeVarLong(tasks.headers().length());
            out.write(tasks.headers());
            return join(out, tasks.items());
        } else if (message instanceof Message.Function function) {
            out.writeVarLong(function.id());
            out.write(function.kind().ordinal());
            return join(out, function.function());
        } else if (message instanceof Message.Welcome welcome) {
            writeWelcome(out, welcome);
        } else {
            writeSmall(out, message);
        }
        return out.take();
    }

    private static Bytes join(BytesOut head, Bytes rest) {
        if (rest.length() < 4096) {
            head.write(rest);
            return head.take();
        }
        return Bytes.concat(List.of(head.take(), rest));
    }

    private static void writeWelcome(BytesOut out, Message.Welcome welcome) {
        out.writeString(welcome.poolName());
        out.writeVarLong(welcome.worker());
        out.writeVarLong(welcome.generation());
        out.writeString(welcome.recorder() == null ? "" : welcome.recorder());
        writeOptional(out, welcome.codec());
        writeOptional(out, welcome.initializer());
        writeOptional(out, welcome.finalizer());
        out.write(welcome.timesEach() ? 1 : 0);
    }

    private static void writeSmall(BytesOut out, Message message) {
        if (message instanceof Message.Hello hello) {
            out.write(hello.token());
        } else if (message instanceof Message.StartFailed failed) {
            out.write(failed.failure());
        } else if (message instanceof Message.Started started) {
            out.writeVarLong(started.batch());
            out.writeVarLong(started.index());
        } else if (message instanceof Message.Returned returned) {
            out.writeVarLong(returned.batch());
            out.writeVarLong(returned.from());
        } else if (message instanceof Message.Progress progress) {
            out.writeVarLong(progress.batch());
            out.writeVarLong(progress.index());
            out.writeLong(progress.done());
            out.writeLong(progress.total());
        } else if (message instanceof Message.Pong pong) {
            out.writeLong(pong.nonce());
        } else if (message instanceof Message.Dump dump) {
            out.writeLong(dump.nonce());
            out.writeString(dump.text());
        } else if (message instanceof Message.Stack stack) {
            out.writeVarLong(stack.batch());
            out.writeVarLong(stack.index());
            out.write(stack.stack());
        } else if (message instanceof Message.Goodbye goodbye) {
            writeOptional(out, goodbye.failure());
        } else if (message instanceof Message.Forget forget) {
            out.writeVarLong(forget.id());
        } else if (message instanceof Message.Recall recall) {
            out.writeVarLong(recall.batch());
        } else if (message instanceof Message.Cancel cancel) {
            out.writeVarLong(cancel.batch());
            out.writeVarLong(cancel.index());
        } else if (message instanceof Message.StackRequest request) {
            out.writeVarLong(request.batch());
            out.writeVarLong(request.index());
        } else if (message instanceof Message.Ping ping) {
            out.writeLong(ping.nonce());
        } else if (message instanceof Message.DumpRequest request) {
            out.writeLong(request.nonce());
        } else if (message instanceof Message.SharedMemory offer) {
            out.writeString(offer.file());
        }
    }

    private static void writeOptional(BytesOut out, @Nullable Bytes bytes) {
        out.writeVarLong(bytes == null ? 0 : bytes.length() + 1);
        if (bytes != null) {
            out.write(bytes);
        }
    }

    private static @Nullable Bytes readOptional(BytesIn in) throws IOException {
        long length = in.readVarLong();
        return length == 0 ? null : in.readBytes(length - 1);
    }

    /** Reads a message; throws a {@link ProtocolException} on whatever is not one. */
    public static Message read(int type, Bytes body) throws ProtocolException {
        try {
            BytesIn in = body.open();
            Message message = read(type, body, in);
            if (in.remaining() > 0 && !(message instanceof Message.Results)) {
                throw new ProtocolException("message of type " + type + " has " + in.remaining() + " bytes too many");
            }
            return message;
        } catch (ProtocolException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            throw new ProtocolException("message of type " + type + " cannot be read: " + e.getMessage());
        }
    }

    private static Message read(int type, Bytes body, BytesIn in) throws IOException {
        switch (type) {
            case HELLO:
                return new Message.Hello(in.readBytes(Message.Hello.TOKEN));
            case READY:
                return READY_MESSAGE;
            case START_FAILED:
                return new Message.StartFailed(in.readBytes(in.remaining()));
            case RESULTS:
                return new Message.Results(body);
            case STARTED:
                return new Message.Started(in.readVarInt(), in.readVarInt());
            case RETURNED:
                return new Message.Returned(in.readVarInt(), in.readVarInt());
            case PROGRESS:
                return new Message.Progress(in.readVarInt(), in.readVarInt(), in.readLong(), in.readLong());
            case PONG:
                return new Message.Pong(in.readLong());
            case DUMP:
                return new Message.Dump(in.readLong(), in.readString());
            case STACK:
                return new Message.Stack(in.readVarInt(), in.readVarInt(), in.readBytes(in.remaining()));
            case GOODBYE:
                return new Message.Goodbye(readOptional(in));
            case WELCOME:
                return readWelcome(in);
            case FUNCTION:
                return new Message.Function(in.readVarInt(), kind(in.readByte()), in.readBytes(in.remaining()));
            case FORGET:
                return new Message.Forget(in.readVarInt());
            case TASKS:
                return readTasks(in, false);
            case TASKS_TELLING_START:
                return readTasks(in, true);
            case RECALL:
                return new Message.Recall(in.readVarInt());
            case CANCEL:
                return new Message.Cancel(in.readVarInt(), in.readVarInt());
            case STACK_REQUEST:
                return new Message.StackRequest(in.readVarInt(), in.readVarInt());
            case PING:
                return new Message.Ping(in.readLong());
            case DUMP_REQUEST:
                return new Message.DumpRequest(in.readLong());
            case RETIRE:
                return RETIRE_MESSAGE;
            case SHARED_MEMORY:
                return new Message.SharedMemory(in.readString());
            case STAND_BY:
                return STAND_BY_MESSAGE;
            case SWITCH:
                return SWITCH_MESSAGE;
            default:
                throw new ProtocolException("unknown message type: " + type);
        }
    }

    private static FunctionKind kind(int code) throws ProtocolException {
        FunctionKind[] kinds = FunctionKind.values();
        if (code < 0 || code >= kinds.length) {
            throw new ProtocolException("unknown function kind: " + code);
        }
        return kinds[code];
    }

    private static Message.Tasks readTasks(BytesIn in, boolean tellsStart) throws IOException {
        return new Message.Tasks(
                in.readVarInt(),
                in.readVarInt(),
                in.readVarInt(),
                in.readBytes(in.readVarLong()),
                in.readBytes(in.remaining()),
                tellsStart);
    }

    private static Message.Welcome readWelcome(BytesIn in) throws IOException {
        String poolName = in.readString();
        int worker = in.readVarInt();
        int generation = in.readVarInt();
        String recorder = in.readString();
        return new Message.Welcome(
                poolName,
                worker,
                generation,
                recorder.isEmpty() ? null : recorder,
                readOptional(in),
                readOptional(in),
                readOptional(in),
                in.readByte() != 0);
    }
}
