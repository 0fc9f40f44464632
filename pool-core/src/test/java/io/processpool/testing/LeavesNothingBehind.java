package io.processpool.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.processpool.internal.process.RuntimeDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Asserts after each test that what the pools of the test had is gone: child processes, threads, sockets, pipes and
 * selectors, and directories. The end of a process or thread may lag behind that of its pool for a moment, so it waits
 * for the condition.
 */
public final class LeavesNothingBehind implements BeforeEachCallback, AfterEachCallback {

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(LeavesNothingBehind.class);

    static {
        // The JDK keeps one socket for ever from the first use of channels on; it is nobody's leak.
        try (ServerSocketChannel first = ServerSocketChannel.open()) {
            first.configureBlocking(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the directories in these places that pools of this JVM have made. */
    public static Set<Path> directoriesIn(List<Path> parents) {
        String mine = "processpool-" + ProcessHandle.current().pid() + "-";
        Set<Path> found = new TreeSet<>();
        for (Path parent : parents) {
            if (!Files.isDirectory(parent)) {
                continue;
            }
            try (Stream<Path> entries = Files.list(parent)) {
                entries.filter(entry -> entry.getFileName().toString().startsWith(mine))
                        .forEach(found::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }

    /** What could be left. */
    private record Belongings(Set<String> processes, Set<String> threads, Set<String> directories, long channels) {

        static Belongings now() {
            return new Belongings(processesNow(), threadsNow(), directoriesNow(), channelsNow());
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
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        private static Set<String> directoriesNow() {
            List<Path> parents = new ArrayList<>(RuntimeDirectory.roots());
            parents.add(Path.of("/dev/shm"));
            return directoriesIn(parents).stream().map(Path::toString).collect(Collectors.toCollection(TreeSet::new));
        }

        /** Counts the descriptors that are no files: those come and go with class loading. */
        private static long channelsNow() {
            Path descriptors = Path.of("/proc/self/fd");
            if (!Files.isDirectory(descriptors)) {
                return 0;
            }
            try (Stream<Path> entries = Files.list(descriptors)) {
                return entries.filter(LeavesNothingBehind::isChannel).count();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static boolean isChannel(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.startsWith("socket:") || target.startsWith("pipe:") || target.startsWith("anon_inode:");
        } catch (IOException e) {
            return false; // closed since it was listed
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(NAMESPACE).put(Belongings.class, Belongings.now());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Belongings before = context.getStore(NAMESPACE).get(Belongings.class, Belongings.class);
        await().atMost(Duration.ofSeconds(15))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> {
                    Belongings after = Belongings.now();
                    assertThat(after.processes()).as("processes left behind").isSubsetOf(before.processes());
                    assertThat(after.threads()).as("threads left behind").isSubsetOf(before.threads());
                    assertThat(after.directories())
                            .as("directories left behind")
                            .isSubsetOf(before.directories());
                    assertThat(after.channels()).as("descriptors left behind").isLessThanOrEqualTo(before.channels());
                });
    }
}
