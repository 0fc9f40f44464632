package io.processpool.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Fuzzes all targets one after the other, each with Jazzer in a process of its own, for a bounded time in all; prints the
 * figures of each, and leaves them in a file. Started by {@code mvn -Pfuzz}:
 *
 * <pre>
 *   fuzz.seconds   how long in all, 120 by default
 *   fuzz.targets   which, separated by commas; all by default
 *   fuzz.keep      how many of the inputs that reach something new are added to the corpus of each target, 0 by default
 * </pre>
 */
public final class FuzzRun {

    private static final Pattern STATUS =
            Pattern.compile("^#(\\d+)\\s+\\w+\\s+cov: (\\d+) ft: (\\d+)", Pattern.MULTILINE);
    private static final int MAX_LENGTH = 4096;

    /**
     * Has every object stream read from a buffer, and so take bytes that are not its own: then what was tried is not what
     * runs. It would look for classes that must not be read, and the targets do that by themselves.
     */
    private static final String BUFFERING_HOOK = "com.code_intelligence.jazzer.sanitizers.Deserialization";

    /** Longer ones say too little for their size. */
    private static final int MAX_KEPT = 200;

    private static final int TIMEOUT_SECONDS = 30;

    /** For the start, and the end, of one. */
    private static final int MARGIN_SECONDS = 60;

    /** For going through all that was found. */
    private static final int MERGE_SECONDS = 600;

    private record Figures(long inputs, long perSecond, long edges, long features, List<Path> crashes) {}

    private final Path directory;
    private final int seconds;
    private final int kept;

    private FuzzRun(Path directory, int seconds, int kept) {
        this.directory = directory;
        this.seconds = seconds;
        this.kept = kept;
    }

    /**
     * Fuzzes.
     *
     * @param arguments the directory for everything that is left
     */
    public static void main(String[] arguments) throws Exception {
        String wanted = System.getProperty("fuzz.targets", "");
        List<FuzzTarget> targets = Arrays.stream(FuzzTarget.values())
                .filter(target -> wanted.isBlank() || List.of(wanted.split(",")).contains(target.label()))
                .toList();
        int all = Integer.getInteger("fuzz.seconds", 120);
        int each = Math.max(1, all / Math.max(1, targets.size()));
        FuzzRun run = new FuzzRun(Path.of(arguments[0]), each, Integer.getInteger("fuzz.keep", 0));
        if (!run.fuzz(targets)) {
            System.exit(1);
        }
    }

    private boolean fuzz(List<FuzzTarget> targets) throws Exception {
        Files.createDirectories(directory);
        String format = "%-10s %12s %10s %8s %10s %8s%n";
        StringBuilder table =
                new StringBuilder(String.format(format, "target", "inputs", "per s", "edges", "features", "crashes"));
        System.out.print(table);
        long inputs = 0;
        int crashes = 0;
        for (FuzzTarget target : targets) {
            Figures figures = fuzz(target);
            String line = String.format(
                    Locale.ROOT,
                    format,
                    target.label(),
                    figures.inputs,
                    figures.perSecond,
                    figures.edges,
                    figures.features,
                    figures.crashes.size());
            System.out.print(line);
            figures.crashes.forEach(crash -> System.out.println("  " + crash));
            table.append(line);
            inputs += figures.inputs;
            crashes += figures.crashes.size();
        }
        String sum = inputs + " inputs, " + crashes + " crashes, " + seconds + " s for each target";
        System.out.println(sum);
        Files.writeString(directory.resolve("figures.txt"), table + sum + System.lineSeparator());
        return crashes == 0;
    }

    private Figures fuzz(FuzzTarget target) throws Exception {
        Path home = directory.resolve(target.label());
        Path found = Files.createDirectories(home.resolve("found"));
        Path known = Files.createDirectories(home.resolve("known"));
        write(known, inputs(target));
        Path log = home.resolve("log.txt");
        List<String> arguments = List.of("-max_total_time=" + seconds, found.toString(), known.toString());
        run(target, home, log, arguments, seconds + MARGIN_SECONDS);
        if (kept > 0) {
            keep(target, home, found, known);
        }
        return figures(home, log);
    }

    private static List<byte[]> inputs(FuzzTarget target) throws IOException {
        List<byte[]> inputs = new ArrayList<>(target.seeds());
        inputs.addAll(new Corpus(target).inputs());
        return inputs;
    }

    private static void write(Path to, List<byte[]> inputs) throws IOException {
        for (int i = 0; i < inputs.size(); i++) {
            Files.write(to.resolve(String.format(Locale.ROOT, "%04d", i)), inputs.get(i));
        }
    }

    private void run(FuzzTarget target, Path home, Path log, List<String> arguments, int patience) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+EnableDynamicAgentLoading",
                "-XX:ActiveProcessorCount=1", // then nobody spins for a moment when the rest of a message is missing
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + Fuzzer.class.getName(),
                "--target_args=" + target.label(),
                "--instrumentation_includes=io.processpool.internal.**",
                "--custom_hook_includes=io.processpool.**",
                "--disabled_hooks=" + BUFFERING_HOOK,
                "--reproducer_path=" + home,
                "-artifact_prefix=" + home + "/",
                "-max_len=" + MAX_LENGTH,
                "-timeout=" + TIMEOUT_SECONDS,
                "-rss_limit_mb=0"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!process.waitFor(patience, TimeUnit.SECONDS)) {
                throw new IllegalStateException("fuzzing of " + target.label() + " does not end, see " + log);
            }
        } finally {
            process.destroyForcibly();
        }
    }

    private Figures figures(Path home, Path log) throws IOException {
        List<MatchResult> all = new ArrayList<>();
        Matcher matcher = STATUS.matcher(Files.readString(log, StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
            all.add(matcher.toMatchResult());
        }
        List<Path> crashes = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(home, "{crash,timeout,oom}-*")) {
            files.forEach(crashes::add);
        }
        if (all.isEmpty() && crashes.isEmpty()) {
            throw new IllegalStateException("Jazzer has not begun, see " + log);
        }
        if (all.isEmpty()) {
            return new Figures(0, 0, 0, 0, crashes); // one of the seeds
        }
        MatchResult last = all.get(all.size() - 1);
        long inputs = Long.parseLong(last.group(1));
        long edges = Long.parseLong(last.group(2));
        return new Figures(inputs, inputs / seconds, edges, Long.parseLong(last.group(3)), crashes);
    }

    /** Adds to the corpus what reaches code that the known inputs do not reach. */
    private void keep(FuzzTarget target, Path home, Path found, Path known) throws Exception {
        Path merged = home.resolve("merged");
        Files.createDirectories(merged);
        write(merged, inputs(target));
        run(
                target,
                home,
                home.resolve("merge.txt"),
                List.of("-merge=1", merged.toString(), found.toString()),
                MERGE_SECONDS);
        List<byte[]> added = new ArrayList<>();
        try (Stream<Path> files = Files.list(merged)) {
            for (Path file : files.filter(path -> !Files.exists(known.resolve(path.getFileName())))
                    .sorted()
                    .toList()) {
                byte[] input = Files.readAllBytes(file);
                if (input.length <= MAX_KEPT && added.size() < kept) {
                    added.add(input);
                }
            }
        }
        new Corpus(target).add(added);
    }
}
