package io.processpool.spring.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.Mode;
import io.processpool.PoolClosedException;
import io.processpool.ProcessPool;
import io.processpool.spring.testing.Deeds;
import io.processpool.spring.testing.NothingLeft;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.annotation.DirtiesContext.HierarchyMode;
import org.springframework.test.context.TestContextManager;

/**
 * Contexts that Spring's test framework keeps for other tests: they are paused while those of another class are in use. The
 * test classes are run step by step as an engine does it, to look at them in between.
 */
@ExtendWith(NothingLeft.class)
class TestContextsIT {

    @Configuration(proxyBeanMethods = false)
    static class Beans {}

    @SpringBootTest(classes = Beans.class, webEnvironment = SpringBootTest.WebEnvironment.NONE, properties = "number=1")
    @AutoConfigureProcessPool(mode = Mode.PROCESS, workers = 1)
    static class One {
        @Autowired
        ProcessPool pool;
    }

    @SpringBootTest(classes = Beans.class, webEnvironment = SpringBootTest.WebEnvironment.NONE, properties = "number=2")
    @AutoConfigureProcessPool(mode = Mode.PROCESS, workers = 1)
    static class Other {
        @Autowired
        ProcessPool pool;
    }

    /** A test class that never closes its context, in a JVM that ends. */
    static final class Forgetful {
        public static void main(String[] arguments) throws Exception {
            One test = new One();
            TestContextManager manager = new TestContextManager(One.class);
            manager.beforeTestClass();
            manager.prepareTestInstance(test);
            System.out.println("worker=" + test.pool.apply(Deeds::pid));
            manager.afterTestClass();
        }
    }

    private static boolean alive(long pid) {
        return ProcessHandle.of(pid).isPresent();
    }

    @Test
    void cachedContext_hasNoWorkersWhileItIsPaused() throws Exception {
        TestContextManager one = new TestContextManager(One.class);
        One first = new One();
        one.beforeTestClass();
        one.prepareTestInstance(first);
        long firstPid = first.pool.apply(Deeds::pid);
        assertThat(firstPid).isNotEqualTo(Deeds.pid());
        one.afterTestClass();

        TestContextManager other = new TestContextManager(Other.class);
        Other second = new Other();
        other.beforeTestClass();
        other.prepareTestInstance(second);
        long secondPid = second.pool.apply(Deeds::pid);
        assertThat(alive(firstPid)).isFalse();
        assertThatThrownBy(() -> first.pool.apply(Deeds::pid)).isInstanceOf(PoolClosedException.class);
        other.afterTestClass();

        TestContextManager again = new TestContextManager(One.class);
        One third = new One();
        again.beforeTestClass();
        again.prepareTestInstance(third);
        assertThat(third.pool).isSameAs(first.pool);
        assertThat(third.pool.apply(Deeds::pid)).isNotIn(firstPid, secondPid);
        assertThat(alive(secondPid)).isFalse();

        again.getTestContext().markApplicationContextDirty(HierarchyMode.EXHAUSTIVE);
        other.getTestContext().markApplicationContextDirty(HierarchyMode.EXHAUSTIVE);
        again.afterTestClass();
    }

    @Test
    void cachedContext_leavesNoWorkersWhenTheJvmEnds() throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Forgetful.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(jvm.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(output).contains("worker=");
        assertThat(jvm.exitValue()).as(output).isZero();
        long pid = Long.parseLong(output.replaceAll("(?s).*worker=(\\d+).*", "$1"));
        await().atMost(Duration.ofSeconds(30)).until(() -> !alive(pid));
        assertThat(new File(System.getProperty("java.io.tmpdir"))
                        .list((directory, name) -> name.contains("processpool-" + jvm.pid())))
                .isEmpty();
    }
}
