package io.processpool.fory;

import io.processpool.Codec;
import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidObjectException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.OutputStream;
import java.io.Serial;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Apache Fory as a {@link Codec}: faster and shorter than JDK serialization for arguments and results of many objects. It
 * needs the library {@code org.apache.fory:fory-core} on the class path, and from JDK 25 on
 * {@code --add-opens=java.base/java.lang.invoke=ALL-UNNAMED}, which workers inherit.
 *
 * <p>Only classes that were named travel, with the values, collections and arrays of the JDK. Name them with
 * {@link #registering}, which is the fastest and strictest, or with {@link #allowing}. They need not be serializable. Classes that
 * are known to be dangerous to read are refused in any case, and so are lambdas and proxies, as values and inside of
 * values. Objects may refer to each other in circles.
 *
 * <p>Pool and workers must have the same version of each class, and of Fory. The pool's {@code resultFilter}, or that of the JVM, is
 * asked for each class once, not for each object, with the size of no array: of built-in and registered classes before
 * anything is read, of others when they first come. It is not asked for numbers, strings, and arrays of these.
 *
 * <p>Immutable and safe for use by many threads, virtual ones included. What it needs of Fory is made with the first
 * value, which takes some tenths of a second, and again for each class loader; it keeps none of these alive if memory is short.
 */
public final class ForyCodec implements Codec {

    @Serial
    private static final long serialVersionUID = 1L;

    private static final String LIBRARY = "org.apache.fory:fory-core:1.6.0";
    private static final String FORY = "org.apache.fory.Fory";

    /** JDK 25 is the first whose Fory reaches into the JDK by method handles. */
    private static final int FIRST_CLOSED_JDK = 25;

    private static final String OPENED = "java.lang.invoke";

    private static final Pattern CLASS_PATTERN = Pattern.compile("[\\p{L}_$][\\p{L}\\p{N}_$.]*\\*?");

    private final Class<?>[] registered;
    private final String @Nullable [] allowed;
    private final transient Engines engines;

    private ForyCodec(Class<?>[] registered, String @Nullable [] allowed) {
        requireFory();
        this.registered = registered;
        this.allowed = allowed;
        this.engines = new Engines(new ClassRules(List.of(registered), allowed == null ? null : List.of(allowed)));
    }

    /**
     * Makes a codec for these classes and what the JDK has of values and collections. A class stands for itself: those of
     * its fields, and its subclasses, are to be named as well.
     *
     * @param classes the classes, each a concrete one
     * @throws IllegalArgumentException if there can be no objects of one of them, or it is known to be dangerous
     * @throws IllegalStateException if Fory is not on the class path, or not open enough
     */
    public static ForyCodec registering(Class<?>... classes) {
        LinkedHashSet<Class<?>> distinct = new LinkedHashSet<>();
        for (Class<?> type : classes) {
            Objects.requireNonNull(type, "classes must not contain null");
            if (!ClassRules.isConcrete(type)) {
                throw new IllegalArgumentException("classes must be concrete ones: " + type.getTypeName());
            }
            distinct.add(type);
        }
        return new ForyCodec(distinct.toArray(new Class<?>[0]), null);
    }

    /**
     * Makes a codec for classes whose names match one of the patterns, and what the JDK has of values and collections.
     *
     * @param patterns names of classes, or the beginning of names followed by {@code *}: {@code com.acme.orders.*} means all
     *     classes of that package and those below
     * @throws IllegalArgumentException if a pattern is none, or would allow everything
     * @throws IllegalStateException if Fory is not on the class path, or not open enough
     */
    public static ForyCodec allowing(String... patterns) {
        if (patterns.length == 0) {
            throw new IllegalArgumentException("patterns must not be empty");
        }
        for (String pattern : patterns) {
            Objects.requireNonNull(pattern, "patterns must not contain null");
            if (!CLASS_PATTERN.matcher(pattern).matches()) {
                throw new IllegalArgumentException(
                        "patterns must be class names, or the beginning of such followed by *: '" + pattern + "'");
            }
        }
        return new ForyCodec(new Class<?>[0], patterns.clone());
    }

    private static void requireFory() {
        Class<?> fory;
        try {
            fory = Class.forName(FORY, false, ForyCodec.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    "Apache Fory is not on the class path: add " + LIBRARY + ", or use the default codec", e);
        }
        if (Runtime.version().feature() >= FIRST_CLOSED_JDK
                && !MethodHandles.Lookup.class.getModule().isOpen(OPENED, fory.getModule())) {
            throw new IllegalStateException(
                    "Apache Fory needs access to " + OPENED + " on JDK "
                            + Runtime.version().feature()
                            + ": start this JVM with --add-opens=java.base/java.lang.invoke=ALL-UNNAMED, which its workers inherit");
        }
    }

    @Override
    public void encode(Object value, OutputStream out) throws IOException {
        engines.forWriting(value).encode(value, out);
    }

    @Override
    public Object decode(InputStream in, ClassLoader loader, @Nullable ObjectInputFilter filter)
            throws IOException, ClassNotFoundException {
        byte[] bytes = new byte[in.available()];
        int count = in.readNBytes(bytes, 0, bytes.length);
        byte[] rest = in.readAllBytes();
        if (count < bytes.length || rest.length > 0) {
            bytes = Arrays.copyOf(bytes, count + rest.length);
            System.arraycopy(rest, 0, bytes, count, rest.length);
        }
        return engines.forReading(loader, filter).decode(bytes);
    }

    /** Names what may travel. */
    @Override
    public String toString() {
        return allowed == null
                ? "ForyCodec"
                        + Arrays.stream(registered).map(Class::getTypeName).toList()
                : "ForyCodec" + Arrays.toString(allowed);
    }

    @Serial
    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        in.defaultReadObject();
        if (registered == null) {
            throw new InvalidObjectException("no classes");
        }
    }

    @Serial
    private Object readResolve() {
        return new ForyCodec(registered, allowed);
    }
}
