package io.processpool;

import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.OutputStream;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Turns arguments and results into bytes and back: the service provider interface behind {@code codec(...)}.
 *
 * <p>The pool itself handles null, boxed numbers, strings and arrays of primitives; a codec sees all other values.
 * Functions and exceptions always use JDK serialization. A codec is {@link Serializable}: it travels to each worker
 * once. It must be safe for use by many threads at once.
 */
public interface Codec extends Serializable {

    /**
     * Writes a value.
     *
     * @param value the value, never null
     * @param out where to write to; must not be closed
     * @throws IOException if the value cannot be written; the task fails with a {@link TaskSerializationException}
     */
    void encode(Object value, OutputStream out) throws IOException;

    /**
     * Reads a value.
     *
     * @param in where to read from; holds exactly what {@link #encode} wrote
     * @param loader the class loader of the task, to find classes with
     * @param filter the filter that decides which classes may be read; null allows all
     * @return the value
     * @throws IOException if the bytes are not a value
     * @throws ClassNotFoundException if a class is not known here
     */
    Object decode(InputStream in, ClassLoader loader, @Nullable ObjectInputFilter filter)
            throws IOException, ClassNotFoundException;
}
