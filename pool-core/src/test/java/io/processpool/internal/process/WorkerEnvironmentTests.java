package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerEnvironmentTests {

    @Test
    void apply_inherited_isScrubbed() {
        Map<String, String> environment = new HashMap<>(Map.of(
                "PATH", "/bin",
                "JAVA_TOOL_OPTIONS", "x",
                "_JAVA_OPTIONS", "x",
                "JDK_JAVA_OPTIONS", "x",
                "CLASSPATH", "x",
                "LOADER_MAIN", "x",
                "LOADER_PATH", "x",
                "PROCESSPOOL_WORKER", "parent",
                "PROCESSPOOL_DEPTH", "1"));

        WorkerEnvironment.apply(environment, Map.of("A", "b{worker}c{worker}"), 3, "marker", 2);

        assertThat(environment)
                .isEqualTo(
                        Map.of("PATH", "/bin", "A", "b3c3", "PROCESSPOOL_WORKER", "marker", "PROCESSPOOL_DEPTH", "2"));
    }

    @Test
    void apply_usersVariables_winOverTheScrub() {
        Map<String, String> environment = new HashMap<>(Map.of("JAVA_TOOL_OPTIONS", "inherited"));

        WorkerEnvironment.apply(environment, Map.of("JAVA_TOOL_OPTIONS", "wanted"), 0, "marker", 1);

        assertThat(environment).containsEntry("JAVA_TOOL_OPTIONS", "wanted");
    }

    @Test
    void newMarker_nested_continuesThatOfItsParent() {
        String outer = WorkerEnvironment.newMarker(null);

        assertThat(WorkerEnvironment.newMarker(outer)).startsWith(outer + "/").hasSizeGreaterThan(outer.length() + 20);
        assertThat(WorkerEnvironment.newMarker(null)).isNotEqualTo(outer);
    }
}
