package io.processpool.testing;

import io.processpool.ProcessPool;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives the workers of all tests of this JVM what those of an application have that has run for a while: a class path of
 * jars, and an archive of loaded classes. Most of what the tests of processes cost are starts of workers, and these cost
 * a third less with it.
 *
 * <p>The archive is good for pools of one or two workers whose JVM options are the pool's own. All others start without
 * one: those with a heap of their own, such as all of {@code FaultMatrixIT}, and those of more workers. JUnit finds this
 * extension by itself, for all classes; it does nothing unless the build asks for it, and that once. A JVM where no archive
 * can be made goes on without.
 */
public final class SharedClasses implements BeforeAllCallback {

    /** The system property with which the build asks for it. */
    private static final String ENABLED = "processpool.test.sharedClasses";

    private static final String DELAY = "processpool.archiveDelay";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Surefire runs each class by itself, so no store of JUnit's lasts. */
    private static final AtomicBoolean ASKED = new AtomicBoolean();

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        if (Boolean.getBoolean(ENABLED) && ASKED.compareAndSet(false, true)) {
            Path jars = Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir"), "jars"));
            // Where pools look for the class path of their workers.
            System.setProperty("java.class.path", String.join(File.pathSeparator, LibraryJars.in(jars)));
            makeArchive(Path.of(System.getenv("XDG_CACHE_HOME")));
        }
    }

    private static void makeArchive(Path cache) {
        long before = archives(cache);
        System.setProperty(DELAY, "PT0.01S");
        try (ProcessPool pool = ProcessPool.create(1)) {
            pool.apply(() -> null);
            Awaitility.await().atMost(PATIENCE).until(() -> archives(cache) > before);
        } catch (ConditionTimeoutException e) {
            // so be it
        } finally {
            System.clearProperty(DELAY);
        }
    }

    /** Counts the archives, and the notes that one could not be made. */
    private static long archives(Path cache) {
        if (!Files.isDirectory(cache)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(cache)) {
            return files.map(Path::toString)
                    .filter(file -> file.endsWith(".jsa") || file.endsWith(".failed"))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
