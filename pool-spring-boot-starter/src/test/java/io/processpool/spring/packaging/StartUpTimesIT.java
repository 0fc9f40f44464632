package io.processpool.spring.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Measures how long a web application takes to start without the starter, and with it in each of its ways to start. It is
 * run with {@code -Dit.test=StartUpTimesIT -Dstart-up.runs=9}. The applications take turns, so that whatever else the
 * machine does hits all of them. What is told is the time that Boot logs, from the launch of the JVM, and the processor
 * time that the application has used until then, without its workers.
 */
class StartUpTimesIT {

    private static final String RUNS = "start-up.runs";
    private static final String WITHOUT = "without";

    @TempDir
    Path directory;

    /** The command lines to compare, by name. */
    private Map<String, List<String>> commands() throws IOException {
        Archives with = archives("with");
        Archives without = archives(WITHOUT);
        without.remove("pool-(core|spring-boot-starter)-.*");
        Map<String, List<String>> commands = new LinkedHashMap<>();
        for (String packaging : List.of("fat jar", "class path")) {
            boolean isJar = packaging.equals("fat jar");
            List<String> plain = isJar ? jar(without) : classPath(without);
            List<String> starter = isJar ? jar(with) : classPath(with);
            commands.put(packaging + ", " + WITHOUT, plain);
            for (String start : List.of("lazy", "eager", "ready")) {
                commands.put(
                        packaging + ", " + start,
                        Stream.concat(starter.stream(), Stream.of("--processpool.start=" + start))
                                .toList());
            }
        }
        return commands;
    }

    private Archives archives(String name) throws IOException {
        Path home = Files.createDirectories(directory.resolve(name));
        Path classes = Files.createDirectories(home.resolve("classes/example"));
        Archives.copy(Path.of("target", "test-classes", "example", "bare"), classes.resolve("bare"));
        return new Archives(home, home.resolve("classes"), "example.bare.BareApplication", Archives.WEB);
    }

    private static List<String> jar(Archives application) throws IOException {
        return List.of("-jar", application.jar().toString());
    }

    private static List<String> classPath(Archives application) {
        return List.of("-cp", application.classPathWith(List.of()), "example.bare.BareApplication");
    }

    private Started run(List<String> command, boolean hasPool) {
        List<String> complete = new ArrayList<>(command);
        complete.addAll(List.of("--server.port=0", "--server.address=127.0.0.1", "--spring.main.banner-mode=off"));
        try (Running running = Running.start(directory, complete)) {
            double seconds = Double.parseDouble(
                    running.awaitOutput("process running for ([0-9.]+)\\)", 1).group(1));
            double cpu = Double.parseDouble(
                    running.awaitOutput("CPU TIME: ([0-9]+) ms", 1).group(1));
            assertThat(running.end()).as(running.output()).isZero();
            running.expectNothingLeft();
            assertThat(running.output()).contains("HAS A POOL: " + hasPool);
            return new Started(seconds, cpu / 1000);
        }
    }

    /** What one start took, in seconds. */
    private record Started(double time, double cpuTime) {}

    @Test
    @Timeout(3_600)
    @EnabledIfSystemProperty(named = RUNS, matches = "[0-9]+")
    void startUp_ofEachPackagingAndWay_isTold() throws IOException {
        int runs = Integer.getInteger(RUNS);
        Map<String, List<String>> commands = commands();
        Map<String, List<Started>> all = new LinkedHashMap<>();
        for (int i = -1; i < runs; i++) { // one more to begin with, for the caches of the system
            for (Map.Entry<String, List<String>> command : commands.entrySet()) {
                Started started = run(command.getValue(), !command.getKey().endsWith(WITHOUT));
                System.out.println("run " + i + ", " + command.getKey() + ": " + started);
                if (i >= 0) {
                    all.computeIfAbsent(command.getKey(), any -> new ArrayList<>())
                            .add(started);
                }
            }
        }
        System.out.println(all.entrySet().stream()
                .map(entry -> row(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining("\n", "| start-up | time | processor time |\n|---|---|---|\n", "\n")));
    }

    private static String row(String name, List<Started> started) {
        return "| " + name + " | " + told(started, Started::time) + " | " + told(started, Started::cpuTime) + " |";
    }

    private static String told(List<Started> started, ToDoubleFunction<Started> what) {
        double[] sorted = started.stream().mapToDouble(what).sorted().toArray();
        return "%.2f s (%.2f to %.2f)".formatted(sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
    }
}
