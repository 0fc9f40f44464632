package io.processpool.spring;

import io.processpool.Codec;
import io.processpool.TaskRunnable;
import io.processpool.WorkerContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Classes that properties name. */
final class Samples {

    private Samples() {}

    /** Leaves a sign for the tasks of its worker. */
    public static final class Initializer implements TaskRunnable {
        private static final long serialVersionUID = 1L;

        @Override
        public void run() {
            WorkerContext.current().state().put("initialized", true);
        }
    }

    /** Leaves a sign for who comes after its worker. */
    public static final class Finalizer implements TaskRunnable {
        private static final long serialVersionUID = 1L;

        @Override
        public void run() throws IOException {
            Files.createFile(Path.of("finalized-" + ProcessHandle.current().pid()));
        }
    }

    /** Cannot be run. */
    public static final class FailingInitializer implements TaskRunnable {
        private static final long serialVersionUID = 1L;

        @Override
        public void run() {
            throw new IllegalStateException("the model is missing");
        }
    }

    /** Not serializable, so JDK serialization does not take it. */
    public record Parcel(int weight) {}

    /** Every value becomes its description in brackets. */
    public static final class BracketCodec implements Codec {
        private static final long serialVersionUID = 1L;

        @Override
        public void encode(Object value, OutputStream out) throws IOException {
            out.write(("[" + value + "]").getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public Object decode(InputStream in, ClassLoader loader, @Nullable ObjectInputFilter filter)
                throws IOException {
            return new StringBuilder(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
