package io.processpool.fuzz;

import io.processpool.internal.codec.CodecFuzz;
import io.processpool.internal.process.OutputFuzz;
import io.processpool.internal.scheduler.SchedulerFuzz;
import io.processpool.internal.transport.TransportFuzz;
import io.processpool.internal.wire.WireFuzz;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Whatever reads bytes that a worker, or whoever pretends to be one, has written. Each target gives an input to the code
 * and throws an {@link AssertionError} if it does anything but read it or refuse it as is documented.
 */
public enum FuzzTarget {
    /** Frames, cut in several ways, and their messages. */
    FRAMES(TransportFuzz::frames, TransportFuzz::frameSeeds),
    /** What a connection says before it has shown a token, to a real acceptor. */
    HANDSHAKE(TransportFuzz::handshake, TransportFuzz::handshakeSeeds),
    /** Shared memory: its bytes, and the numbers that the other side keeps there. */
    RING(TransportFuzz::ring, TransportFuzz::ringSeeds),
    /** The bodies of all messages. */
    MESSAGES(WireFuzz::messages, WireFuzz::messageSeeds),
    /** Records of results. */
    RESULTS(WireFuzz::results, WireFuzz::resultSeeds),
    /** The headers of a submission. */
    HEADERS(WireFuzz::headers, WireFuzz::headerSeeds),
    /** The file that a dead worker has left. */
    RECORDER(WireFuzz::recorder, WireFuzz::recorderSeeds),
    /** What a worker finds on its stdin. */
    BOOTSTRAP(WireFuzz::bootstrap, WireFuzz::bootstrapSeeds),
    /** Exceptions. */
    FAILURES(CodecFuzz::failures, CodecFuzz::failureSeeds),
    /** Values in raw form. */
    VALUES(CodecFuzz::values, CodecFuzz::valueSeeds),
    /** What an untrusted worker has serialized. */
    UNTRUSTED(CodecFuzz::untrusted, CodecFuzz::untrustedSeeds),
    /** What a worker writes to stdout and stderr. */
    OUTPUT(OutputFuzz::output, OutputFuzz::outputSeeds),
    /** A worker that says what it likes about the items that it was given, and others. */
    SCHEDULER(SchedulerFuzz::scheduler, SchedulerFuzz::schedulerSeeds);

    /** Code under test. */
    public interface Check {
        /** Reads an input. */
        void run(byte[] input) throws Exception;
    }

    private final Check check;
    private final Supplier<List<byte[]>> seeds;

    FuzzTarget(Check check, Supplier<List<byte[]>> seeds) {
        this.check = check;
        this.seeds = seeds;
    }

    /** Gives the code an input. */
    public void run(byte[] input) throws Exception {
        check.run(input);
    }

    /** Returns well-formed inputs, made by the code that writes what is read here. */
    public List<byte[]> seeds() {
        return seeds.get();
    }

    /** Returns the name in file names and on command lines. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
