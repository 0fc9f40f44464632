package io.processpool.internal.codec;

import io.processpool.TaskSerializationException;
import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import java.io.Externalizable;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads functions: serializable lambdas, method references and objects. Simple lambdas take a short form of
 * their own, everything else JDK serialization; the first byte tells which.
 *
 * <p>A function without state, such as a lambda that captures nothing, is the same whichever instance it is. It is
 * serialized once for its class; later calls cost a look-up. Safe for use by many threads.
 */
public final class FunctionCodec {

    /**
     * The bytes of the stateless functions, by class. Values are JDK types only: a class that outlives this library,
     * as in an application server, must not hold on to the library's class loader.
     */
    private static final ClassValue<@Nullable AtomicReference<byte @Nullable []>> STATELESS = new ClassValue<>() {
        @Override
        protected @Nullable AtomicReference<byte @Nullable []> computeValue(Class<?> type) {
            return isStateless(type) ? new AtomicReference<>() : null;
        }
    };

    private static final int OBJECT = 0;
    private static final int LAMBDA = 1;

    private FunctionCodec() {}

    /**
     * A function as bytes.
     *
     * @param bytes what {@link #decode} reads; not to be written to. For a stateless function always the same array,
     *     whichever instance of its class is encoded
     * @param stateless whether all instances of the function's class are the same
     */
    @SuppressWarnings("ArrayRecordComponent") // Compared by identity, on purpose.
    public record Encoded(byte[] bytes, boolean stateless) {}

    /**
     * Writes a function.
     *
     * @param function the function
     * @param what what it is, for the message: {@code function}, {@code initializer}
     * @return its bytes
     * @throws TaskSerializationException if it cannot be written; the message names the path to the culprit
     */
    public static Encoded encode(Object function, String what) {
        AtomicReference<byte @Nullable []> cache = STATELESS.get(function.getClass());
        if (cache == null) {
            return new Encoded(serialize(function, what), false);
        }
        byte[] cached = cache.get();
        if (cached != null) {
            return new Encoded(cached, true);
        }
        byte[] bytes = serialize(function, what);
        byte[] earlier = cache.compareAndExchange(null, bytes);
        return new Encoded(earlier == null ? bytes : earlier, true);
    }

    private static byte[] serialize(Object function, String what) {
        BytesOut out = new BytesOut(1024);
        try {
            out.write(LAMBDA);
            if (LambdaForm.write(function, out)) {
                return out.take().toArray();
            }
            out.truncate(0);
            out.write(OBJECT);
            JdkCodec.INSTANCE.encode(function, out);
        } catch (Throwable e) {
            Failures.rethrowFatal(e);
            throw Failures.notSerialized(what, function, e);
        }
        return out.take().toArray();
    }

    /**
     * Reads a function.
     *
     * @param bytes what {@link #encode} returned
     * @param loader the class loader to find its class with
     * @return the function
     * @throws TaskSerializationException if its class, or one that it captured, is not known here or differs
     */
    public static Object decode(Bytes bytes, ClassLoader loader) {
        try {
            BytesIn in = bytes.open();
            int form = in.readByte();
            if (form == LAMBDA) {
                return LambdaForm.read(in, loader);
            } else if (form == OBJECT) {
                return JdkCodec.INSTANCE.decode(in, loader, null);
            }
            throw new IOException("unknown form of a function: " + form);
        } catch (Throwable e) {
            Failures.rethrowFatal(e);
            throw Failures.functionNotDecoded(e);
        }
    }

    private static boolean isStateless(Class<?> type) {
        if (Externalizable.class.isAssignableFrom(type) || type.isArray()) {
            return false;
        }
        try {
            for (Class<?> part = type; part != null && part != Object.class; part = part.getSuperclass()) {
                if (hasState(part) || (customizes(part) && !ClassNames.isLambda(part))) {
                    return false;
                }
            }
            return true;
        } catch (LinkageError e) {
            // A field or method of a type that is not there.
            return false;
        }
    }

    private static boolean hasState(Class<?> type) {
        for (Field field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                return true;
            }
        }
        return false;
    }

    private static boolean customizes(Class<?> type) {
        for (Method method : type.getDeclaredMethods()) {
            if (method.getName().equals("writeReplace") || method.getName().equals("writeObject")) {
                return true;
            }
        }
        return false;
    }
}
