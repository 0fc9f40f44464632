package io.processpool.internal.codec;

import io.processpool.internal.bytes.BytesIn;
import io.processpool.internal.bytes.BytesOut;
import java.io.IOException;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * A short form for the lambdas and method references that capture nothing, or only numbers and strings: the fields of
 * their {@link SerializedLambda}. It spares a starting worker the object stream, which takes some 20 ms to get going.
 * Everything else about them is as in JDK serialization: the class that wrote the lambda makes it again.
 */
final class LambdaForm {

    private static final String REMAKE = "$deserializeLambda$";

    /** No codec of the user's has a say in functions. */
    private static final ValueCodec VALUES = new ValueCodec(null);

    private LambdaForm() {}

    /** Writes a lambda; returns false, having written nothing, if it has no short form. */
    static boolean write(Object function, BytesOut out) {
        if (!ClassNames.isLambda(function.getClass())) {
            return false;
        }
        SerializedLambda lambda = replacement(function);
        if (lambda == null || !capturesOnlyLeaves(lambda)) {
            return false;
        }
        out.writeString(lambda.getCapturingClass().replace('/', '.'));
        out.writeString(lambda.getFunctionalInterfaceClass());
        out.writeString(lambda.getFunctionalInterfaceMethodName());
        out.writeString(lambda.getFunctionalInterfaceMethodSignature());
        out.writeVarLong(lambda.getImplMethodKind());
        out.writeString(lambda.getImplClass());
        out.writeString(lambda.getImplMethodName());
        out.writeString(lambda.getImplMethodSignature());
        out.writeString(lambda.getInstantiatedMethodType());
        out.writeVarLong(lambda.getCapturedArgCount());
        BytesOut argument = new BytesOut();
        for (int i = 0; i < lambda.getCapturedArgCount(); i++) {
            VALUES.encode(lambda.getCapturedArg(i), argument, "captured value");
            out.writeVarLong(argument.length());
            argument.moveTo(out);
        }
        return true;
    }

    private static @Nullable SerializedLambda replacement(Object function) {
        try {
            Method writeReplace = function.getClass().getDeclaredMethod("writeReplace");
            writeReplace.setAccessible(true);
            return writeReplace.invoke(function) instanceof SerializedLambda lambda ? lambda : null;
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null; // its module is closed to us; serialization has its own ways
        }
    }

    private static boolean capturesOnlyLeaves(SerializedLambda lambda) {
        for (int i = 0; i < lambda.getCapturedArgCount(); i++) {
            if (!isLeaf(lambda.getCapturedArg(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLeaf(@Nullable Object captured) {
        return captured == null
                || captured.getClass() == String.class
                || captured.getClass() == Integer.class
                || captured.getClass() == Long.class
                || captured.getClass() == Double.class
                || captured.getClass() == Boolean.class
                || captured.getClass() == Float.class
                || captured.getClass() == Short.class
                || captured.getClass() == Byte.class
                || captured.getClass() == Character.class;
    }

    /** Makes again what {@link #write} wrote. */
    static Object read(BytesIn in, ClassLoader loader) throws Throwable {
        Class<?> capturing = Class.forName(in.readString(), false, loader);
        SerializedLambda lambda = new SerializedLambda(
                capturing,
                in.readString(),
                in.readString(),
                in.readString(),
                in.readVarInt(),
                in.readString(),
                in.readString(),
                in.readString(),
                in.readString(),
                captured(in, loader));
        Method remake = capturing.getDeclaredMethod(REMAKE, SerializedLambda.class);
        remake.setAccessible(true);
        try {
            Object function = remake.invoke(null, lambda);
            if (function == null) {
                throw new IOException(capturing.getName() + " has remade nothing");
            }
            return function;
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private static @Nullable Object[] captured(BytesIn in, ClassLoader loader) throws IOException {
        int count = in.readVarInt();
        if (count > in.remaining()) {
            throw new IOException("lambda with " + count + " captured values in " + in.remaining() + " bytes");
        }
        @Nullable Object[] captured = new Object[count];
        for (int i = 0; i < count; i++) {
            captured[i] = VALUES.decode(in.readBytes(in.readVarLong()).open(), loader, null, "captured value");
        }
        return captured;
    }
}
