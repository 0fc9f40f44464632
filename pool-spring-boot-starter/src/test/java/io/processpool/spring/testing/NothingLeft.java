package io.processpool.spring.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Asserts after each test that the pools of its contexts have left nothing: no process, no thread, no temporary file. The
 * end of a process may lag behind that of its pool for a moment, so it waits for the condition.
 */
public final class NothingLeft implements BeforeEachCallback, AfterEachCallback {

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(NothingLeft.class);

    /** What could be left. */
    private record Belongings(Set<String> processes, Set<String> threads, Set<String> files) {

        static Belongings now() {
            return new Belongings(processesNow(), threadsNow(), filesNow());
        }

        private static Set<String> processesNow() {
            return ProcessHandle.current()
                    .descendants()
                    .map(process ->
                            process.pid() + " " + process.info().commandLine().orElse("?"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        private static Set<String> threadsNow() {
            return Thread.getAllStackTraces().keySet().stream()
                    .map(Thread::getName)
                    .filter(name -> name.startsWith("pool-") || name.startsWith("processpool-"))
                    .filter(name -> !name.startsWith("processpool-cleaner"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        private static Set<String> filesNow() {
            try (Stream<Path> entries = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
                return entries.map(Path::toString)
                        .filter(name -> name.contains("processpool"))
                        .collect(Collectors.toCollection(TreeSet::new));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The same after a whole class, whose tests share a context. */
    public static final class AfterClass implements BeforeAllCallback, AfterAllCallback {

        @Override
        public void beforeAll(ExtensionContext context) {
            remember(context);
        }

        @Override
        public void afterAll(ExtensionContext context) {
            check(context);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        remember(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        check(context);
    }

    private static void remember(ExtensionContext context) {
        context.getStore(NAMESPACE).put(Belongings.class, Belongings.now());
    }

    private static void check(ExtensionContext context) {
        Belongings before = context.getStore(NAMESPACE).get(Belongings.class, Belongings.class);
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> {
                    Belongings after = Belongings.now();
                    assertThat(after.processes()).as("processes left behind").isSubsetOf(before.processes());
                    assertThat(after.threads()).as("threads left behind").isSubsetOf(before.threads());
                    assertThat(after.files()).as("files left behind").isSubsetOf(before.files());
                });
    }
}
