package io.processpool.internal.codec;

import io.processpool.RemoteException;
import io.processpool.TaskSerializationException;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads the exceptions of tasks. Names, messages and stacks always travel as text, which is bounded and is all that
 * is read of an untrusted worker; the exception object, with the whole of its stacks, travels with them if it can, or a
 * {@link RemoteException} in its place if the text had no room for the stacks.
 *
 * <pre>
 *   +-----------------+------------+--------------------------------------------+
 *   | {@link FailureText} | 0 or 1     | with 1: the object, JDK serialization      |
 *   +-----------------+------------+--------------------------------------------+
 * </pre>
 *
 * <p>Safe for use by many threads.
 */
public final class FailureCodec {

    private static final int TEXT_ONLY = 0;
    private static final int WITH_OBJECT = 1;

    /** Exceptions that hold more than this travel as text. */
    private static final int MAX_OBJECT = 1 << 24;

    /** How many causes and suppressed exceptions are tried on their own when the whole cannot be serialized. */
    private static final int MAX_TRIALS = 64;

    private FailureCodec() {}

    /**
     * Names a failure in one line, as its {@code toString} would, and takes no harm if the user's code in there throws.
     *
     * @param failure the failure
     * @return class name and message
     */
    public static String describe(Throwable failure) {
        return Failures.brief(failure);
    }

    /**
     * Appends an exception. Never throws, except for errors of the JVM such as {@link OutOfMemoryError}. A cause that
     * is not serializable is replaced by a {@link RemoteException}.
     *
     * @param failure the exception
     * @param out where to append to
     */
    public static void encode(Throwable failure, BytesOut out) {
        FailureDescriber describer = FailureText.describer();
        FailureTextForm.write(describer.describe(failure, 0), out);
        long start = out.length();
        if (!encodeObject(failure, out, false)) {
            out.truncate(start);
            if (!encodeObject(failure, out, true)) {
                out.truncate(start);
                encodeStacks(failure, describer.stackCut(), out);
            }
        }
    }

    /** Ends an exception that cannot travel as an object; what the text had no room for does, for those who trust this worker. */
    private static void encodeStacks(Throwable failure, boolean stackCut, BytesOut out) {
        long start = out.length();
        if (!stackCut || !encodeObject(FailureText.withWholeStacks(failure).toRemoteException(), out, false)) {
            out.truncate(start);
            out.write(TEXT_ONLY);
        }
    }

    private static boolean encodeObject(Throwable failure, BytesOut out, boolean standIns) {
        out.write(WITH_OBJECT);
        try (ObjectOutputStream stream =
                standIns ? new StandInOutput(out, failure) : new ObjectOutputStream(new Bounded(out))) {
            stream.writeObject(failure);
            return true;
        } catch (Throwable e) {
            Failures.rethrowFatal(e);
            return false;
        }
    }

    /**
     * Reads an exception.
     *
     * @param in exactly the bytes of the exception
     * @param loader the class loader to find classes with
     * @param filter decides which classes may be read; null allows all. With an {@link AllowList} only the text is
     *     read, and made fit for a log
     * @return the exception with the stack that it had in the worker, or a {@link RemoteException} that says the same
     *     if it cannot be rebuilt here
     * @throws TaskSerializationException if the bytes are not an exception at all
     */
    public static Throwable decode(BytesIn in, ClassLoader loader, @Nullable ObjectInputFilter filter) {
        FailureText text;
        int form;
        try {
            text = FailureTextForm.read(in);
            form = in.readByte();
            if (form != WITH_OBJECT && (form != TEXT_ONLY || in.remaining() != 0)) {
                throw new IOException("malformed end");
            }
        } catch (IOException e) {
            throw Failures.notDecoded("failure", e, filter);
        }
        if (filter instanceof AllowList) {
            return text.escaped().toRemoteException();
        }
        Throwable rebuilt = form == WITH_OBJECT ? decodeObject(in, loader, filter) : null;
        return rebuilt == null ? text.toRemoteException() : withStacks(rebuilt, text);
    }

    private static @Nullable Throwable decodeObject(
            BytesIn in, ClassLoader loader, @Nullable ObjectInputFilter filter) {
        try {
            return JdkCodec.INSTANCE.decode(in, loader, filter) instanceof Throwable rebuilt ? rebuilt : null;
        } catch (Throwable e) {
            Failures.rethrowFatal(e);
            return null;
        }
    }

    private static Throwable withStacks(Throwable rebuilt, FailureText text) {
        try {
            text.restoreStacks(rebuilt);
        } catch (Throwable e) {
            // The user's getters throw. The stacks that serialization restored will do.
            Failures.rethrowFatal(e);
        }
        return rebuilt;
    }

    /** Fails when too much is written. */
    private static final class Bounded extends OutputStream {

        private final BytesOut out;
        private final long end;

        Bounded(BytesOut out) {
            this.out = out;
            this.end = out.length() + MAX_OBJECT;
        }

        @Override
        public void write(int b) throws IOException {
            requireRoom(1);
            out.write(b);
        }

        @Override
        public void write(byte[] source, int offset, int count) throws IOException {
            requireRoom(count);
            out.write(source, offset, count);
        }

        private void requireRoom(int count) throws IOException {
            if (out.length() + count > end) {
                throw new IOException("more than " + MAX_OBJECT + " bytes");
            }
        }
    }

    /** Writes an exception with stand-ins for those exceptions below it that are not serializable. */
    private static final class StandInOutput extends ObjectOutputStream {

        private final Throwable root;
        private int trials;

        StandInOutput(BytesOut out, Throwable root) throws IOException {
            super(new Bounded(out));
            this.root = root;
            enableReplaceObject(true);
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // Just the root itself.
        protected Object replaceObject(Object object) {
            return object instanceof Throwable failure && failure != root && !isSerializable(failure)
                    ? FailureText.withWholeStacks(failure).toRemoteException()
                    : object;
        }

        private boolean isSerializable(Throwable failure) {
            if (failure instanceof RemoteException || ++trials > MAX_TRIALS) {
                return failure instanceof RemoteException;
            }
            try (ObjectOutputStream trial = new ObjectOutputStream(OutputStream.nullOutputStream())) {
                trial.writeObject(failure);
                return true;
            } catch (Throwable e) {
                Failures.rethrowFatal(e);
                return false;
            }
        }
    }
}
