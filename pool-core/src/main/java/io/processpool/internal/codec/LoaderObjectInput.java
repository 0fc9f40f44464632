package io.processpool.internal.codec;

import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidClassException;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/** An {@link ObjectInputStream} that finds classes with a given class loader, not with the one of its caller. */
final class LoaderObjectInput extends ObjectInputStream {

    private static final Class<?>[] PRIMITIVES = {
        boolean.class, byte.class, char.class, short.class, int.class, long.class, float.class, double.class, void.class
    };

    private final ClassLoader loader;
    private final @Nullable AllowList allowed;

    /**
     * Reads the stream header.
     *
     * @param filter asked for every class and array
     * @param allowed the classes that there are; null for all that the loader finds
     */
    LoaderObjectInput(InputStream in, ClassLoader loader, ReadFilter filter, @Nullable AllowList allowed)
            throws IOException {
        super(in);
        this.loader = loader;
        this.allowed = allowed;
        filter.install(this);
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass descriptor) throws IOException, ClassNotFoundException {
        String name = descriptor.getName();
        if (allowed != null) {
            return allowed.find(name);
        }
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException e) {
            for (Class<?> primitive : PRIMITIVES) {
                if (primitive.getName().equals(name)) {
                    return primitive;
                }
            }
            throw e;
        }
    }

    @Override
    @SuppressWarnings("deprecation") // Only the class is wanted; the instance is made by serialization.
    protected Class<?> resolveProxyClass(String[] interfaces) throws IOException, ClassNotFoundException {
        if (allowed != null) {
            throw new InvalidClassException("a dynamic proxy cannot come from an untrusted worker");
        }
        Class<?>[] types = new Class<?>[interfaces.length];
        ClassLoader definer = loader;
        for (int i = 0; i < types.length; i++) {
            types[i] = Class.forName(interfaces[i], false, loader);
            if (!Modifier.isPublic(types[i].getModifiers())) {
                // Only its own loader can define a class in its package.
                definer = types[i].getClassLoader();
            }
        }
        try {
            return Proxy.getProxyClass(definer, types);
        } catch (IllegalArgumentException e) {
            InvalidClassException invalid = new InvalidClassException("proxy of " + String.join(", ", interfaces));
            invalid.initCause(e);
            throw invalid;
        }
    }
}
