package io.processpool.benchmarks.compare.peer;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One of Python's pools, in a {@code python3} of its own that takes a line for each round and answers with the time that
 * it has measured itself, so that its rounds can be interleaved with all others.
 */
public final class PythonPeer implements Peer {

    private static final String SCRIPT = "python_peer.py";
    private static final long VERSION_SECONDS = 10;

    private final Scratch script;
    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader answers;

    private PythonPeer(Scratch script, Process process) {
        this.script = script;
        this.process = process;
        commands = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static PythonPeer start(String kind) throws IOException {
        Scratch script = Scratch.file(SCRIPT);
        try (InputStream resource = Objects.requireNonNull(PythonPeer.class.getResourceAsStream(SCRIPT), SCRIPT)) {
            Files.copy(resource, script.path());
        }
        Process process = new ProcessBuilder(
                        "python3", "-u", "-B", script.path().toString(), kind, String.valueOf(WORKERS))
                .redirectError(Redirect.INHERIT)
                .start();
        return new PythonPeer(script, process);
    }

    /** Returns the version of {@code python3}, or null if there is none. */
    public static @Nullable String version() {
        try {
            Process python = new ProcessBuilder("python3", "--version")
                    .redirectErrorStream(true)
                    .start();
            if (!python.waitFor(VERSION_SECONDS, TimeUnit.SECONDS)) {
                python.destroyForcibly();
                return null;
            }
            String output = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return python.exitValue() == 0 ? output.trim() : null;
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    static @Nullable String absent() {
        return version() == null ? "there is no python3 on this machine" : null;
    }

    @Override
    public long nanos(Work work, int count) throws IOException {
        String command = work.name().toLowerCase(Locale.ROOT);
        return Long.parseLong(
                switch (work) {
                    case ECHO -> ask(command, count + " " + Work.ECHO_BYTES);
                    case MILLISECOND, MIXED ->
                        ask(
                                "spin",
                                Arrays.stream(Work.micros(work, count))
                                        .mapToObj(String::valueOf)
                                        .collect(Collectors.joining(" ")));
                    default -> ask(command, String.valueOf(count));
                });
    }

    private String ask(String command, String arguments) throws IOException {
        commands.write(command + " " + arguments + "\n");
        commands.flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("python3 has ended: command=" + command);
        }
        if (!answer.startsWith("ok")) {
            throw new IOException(answer);
        }
        return answer.substring("ok".length()).trim();
    }

    @Override
    public List<Long> workerPids() {
        try {
            List<Long> pids = new ArrayList<>();
            for (String pid : ask("pids", "").split(" ")) {
                pids.add(Long.parseLong(pid));
            }
            return pids;
        } catch (IOException e) {
            return List.of();
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> workers = process.descendants().toList();
        process.destroyForcibly();
        workers.forEach(ProcessHandle::destroyForcibly);
        try {
            script.close();
        } catch (IOException e) {
            // It lies in the directory for temporary files.
        }
    }
}
