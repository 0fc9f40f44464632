package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.testing.ChildJvm;
import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.ShortTempDir;
import java.io.Serial;
import java.io.Serializable;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * No class is loaded in the pool's process because an untrusted worker names it, whatever it names it in: the JVM itself tells
 * which it has loaded. All of them lie on the class path, where they would be found.
 */
@ExtendWith(LeavesNothingBehind.class)
class NamedClassesIT {

    private static final String HERE = NamedClassesIT.class.getName() + "$";

    @TempDir(factory = ShortTempDir.class)
    Path directory;

    static final class Value implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;
    }

    static final class Element implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;
    }

    static final class Component implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;
    }

    static final class Literal {}

    static final class Failure extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;
    }

    static final class FailureAtStart extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;
    }

    /** That of a worker that is trusted: so that it means something that the others are missing. */
    static final class Trusted implements Serializable {
        @Serial
        private static final long serialVersionUID = 1L;
    }

    @Test
    void classes_thatAnUntrustedWorkerNames_areNotLoaded() throws Exception {
        String pool = Lifecycle.unique("named");
        Path log = directory.resolve("loaded");
        try (ChildJvm child = ChildJvm.start(
                directory, List.of(), List.of("-Xlog:class+load:file=" + log), Application.class, List.of(pool))) {
            assertThat(child.end()).as(child.errors()).isZero();

            assertThat(child.output().lines())
                    .containsExactly(
                            "TaskSerializationException",
                            "TaskSerializationException",
                            "TaskSerializationException",
                            "TaskSerializationException",
                            "TaskFailedException",
                            "WorkerStartException",
                            "arrived");
            child.expectNothingLeft(pool);
        }
        List<String> loaded = Files.readAllLines(log).stream()
                .filter(line -> line.contains(HERE))
                .map(line -> line.substring(line.indexOf(HERE) + HERE.length()).split(" ")[0])
                .toList();
        assertThat(loaded)
                .contains("Application", "Trusted")
                .doesNotContain("Value", "Element", "Component", "Literal", "Failure", "FailureAtStart");
    }

    /** Has pools of both kinds; its argument is their name. Names the classes only as text, as its worker does. */
    static final class Application {

        private Application() {}

        public static void main(String[] args) {
            try (ProcessPool pool = builder(args[0]).untrusted(true).build()) {
                tell(pool, () -> make("Value"));
                tell(pool, () -> new ArrayList<>(List.of(Map.of("a", make("Element")))));
                tell(pool, () -> Array.newInstance(Class.forName(HERE + "Component"), 2));
                tell(pool, () -> Class.forName(HERE + "Literal"));
                tell(pool, () -> {
                    throw (RuntimeException) make("Failure");
                });
            }
            try (ProcessPool pool = builder(args[0])
                    .untrusted(true)
                    .initializer(() -> {
                        throw (RuntimeException) make("FailureAtStart");
                    })
                    .build()) {
                tell(pool, () -> 1);
            }
            try (ProcessPool pool = builder(args[0]).build()) {
                tell(pool, () -> make("Trusted"));
            }
        }

        private static ProcessPool.Builder builder(String name) {
            return ProcessPool.builder().name(name).workers(1);
        }

        private static void tell(ProcessPool pool, TaskCallable<Object> task) {
            try {
                Object unused = pool.apply(task);
                System.out.println("arrived");
            } catch (ProcessPoolException e) {
                System.out.println(e.getClass().getSimpleName());
            }
        }

        private static Object make(String name) throws ReflectiveOperationException {
            Constructor<?> constructor = Class.forName(HERE + name).getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        }
    }
}
