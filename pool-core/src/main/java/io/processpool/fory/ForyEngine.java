package io.processpool.fory;

import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.fory.Fory;
import org.apache.fory.logging.LoggerFactory;
import org.apache.fory.memory.MemoryBuffer;
import org.apache.fory.resolver.ClassResolver;
import org.apache.fory.resolver.SharedRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Instances of Fory for one class loader and one filter. Fory is not for use by several threads, so each call takes an
 * instance that is idle, or makes one. An instance in which a call failed is not used again.
 *
 * <p>Safe for use by many threads. Calls run the user's serialization code and hold no lock meanwhile. Only a few run at the
 * same time: while Fory compiles code for a class, thousands of virtual threads would otherwise each make an instance. A
 * call that waited for {@value #PATIENCE_MILLIS} ms goes ahead all the same, as others may block in the user's code,
 * perhaps waiting for this one.
 */
final class ForyEngine {

    private static final int MAX_RUNNING = 4 * Runtime.getRuntime().availableProcessors();

    private static final int PATIENCE_MILLIS = 1000;

    private static final int SMALL_BUFFER = 1024;

    /** What an idle instance may keep. */
    private static final int LARGE_BUFFER = 1 << 20;

    /** About what an ordinary stack has room for. Fory reserves some memory for each level. */
    private static final int MAX_DEPTH = 5_000;

    /** What the objects of one value may need; Fory also checks each length against the bytes that are there. */
    private static final long MAX_GRAPH_BYTES =
            Math.max(128L << 20, Runtime.getRuntime().maxMemory() / 2);

    static {
        LoggerFactory.useSlf4jLogging(true); // otherwise it writes to the application's stdout
    }

    private final ClassRules rules;
    private final ClassLoader loader;
    private final @Nullable AskedFilter filter;

    /** What its instances have in common. */
    private final SharedRegistry shared = new SharedRegistry();

    /** What is refused, by the serializers that stood there before. */
    private final Map<String, String> refusals = new ConcurrentHashMap<>();

    private final ConcurrentLinkedDeque<Instance> idle = new ConcurrentLinkedDeque<>();
    private final AtomicInteger idleCount = new AtomicInteger();
    private final Semaphore room = new Semaphore(MAX_RUNNING);

    ForyEngine(ClassRules rules, ClassLoader loader, @Nullable ObjectInputFilter filter) {
        this.rules = rules;
        this.loader = loader;
        this.filter = filter == null ? null : new AskedFilter(filter);
    }

    /** Writes a value. */
    void encode(Object value, OutputStream out) throws IOException {
        boolean entered = enter();
        try {
            Instance instance = take();
            MemoryBuffer buffer = instance.buffer();
            buffer.writerIndex(0);
            try {
                instance.fory().serialize(buffer, value);
            } catch (Throwable e) {
                throw ForyFailures.notWritten(e);
            }
            out.write(buffer.getHeapMemory(), 0, buffer.writerIndex());
            give(buffer.size() > LARGE_BUFFER ? new Instance(instance.fory()) : instance);
        } finally {
            leave(entered);
        }
    }

    /** Reads a value, which must be all that there is. */
    Object decode(byte[] bytes) throws IOException, ClassNotFoundException {
        boolean entered = enter();
        try {
            Instance instance = take();
            MemoryBuffer buffer = MemoryBuffer.fromByteArray(bytes);
            Object value;
            try {
                value = instance.fory().deserialize(buffer);
            } catch (Throwable e) {
                throw ForyFailures.notRead(e, refusals);
            }
            give(instance);
            if (value == null || buffer.readerIndex() != bytes.length) {
                throw new IOException(
                        value == null ? "no value" : bytes.length - buffer.readerIndex() + " bytes too many");
            }
            return value;
        } finally {
            leave(entered);
        }
    }

    private boolean enter() {
        if (room.tryAcquire()) {
            return true;
        }
        try {
            return room.tryAcquire(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void leave(boolean entered) {
        if (entered) {
            room.release();
        }
    }

    private Instance take() {
        Instance instance = idle.pollFirst();
        if (instance == null) {
            return new Instance(create());
        }
        idleCount.decrementAndGet();
        return instance;
    }

    private void give(Instance instance) {
        if (idleCount.incrementAndGet() <= MAX_RUNNING) {
            idle.offerFirst(instance);
        } else {
            idleCount.decrementAndGet();
        }
    }

    private Fory create() {
        Fory fory = Fory.builder()
                .withXlang(false)
                .withRefTracking(true)
                .withCompatible(false)
                .requireClassRegistration(rules.requireRegistration())
                .withTypeChecker(new ClassGate(rules, loader, filter))
                .withDeserializeUnknownClass(false)
                .registerGuavaTypes(false)
                .suppressClassRegistrationWarnings(true)
                .withMaxDepth(MAX_DEPTH)
                .withMaxGraphMemoryBytes(MAX_GRAPH_BYTES)
                .withAsyncCompilation(false)
                .withClassLoader(loader)
                .withSharedRegistry(shared)
                .build();
        ClassResolver resolver = (ClassResolver) fory.getTypeResolver();
        // The order gives them their numbers, so it is the same in the pool and in its workers.
        Stream.concat(JdkClasses.ALL.stream(), rules.registered(loader).stream())
                .filter(type -> !resolver.isRegistered(type))
                .forEach(fory::register);
        refusals.putAll(RefusedClasses.install(fory, resolver, filter));
        return fory;
    }

    private record Instance(Fory fory, MemoryBuffer buffer) {
        Instance(Fory fory) {
            this(fory, MemoryBuffer.newHeapBuffer(SMALL_BUFFER));
        }
    }
}
