package io.processpool.sample;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The command line: short options for what {@link SampleProperties} holds, and a complaint about everything else,
 * where Spring Boot by itself would ignore a misspelt option.
 */
final class CommandLine {

    static final String HELP = """
            Extracts the text and renders a thumbnail of every page of PDFs, in worker processes.

            Usage: java -jar sample-app.jar [options]

              --documents=PATH   a folder of PDFs, searched with its subfolders, or one PDF
                                 (default: a small set made on the spot, three of which are hostile)
              --output=DIR       where to write (default: processpool-sample-output)
              --workers=N        worker processes (default: one per processor)
              --heap=SIZE        the most memory a worker may use for objects (default: 256MB)
              --timeout=TIME     how long a document of up to 50 pages may take; larger ones get as much
                                 for every further 50 (default: 60s, for the documents made on the spot 10s)
              --thumbnail=N      the longer side of a thumbnail in pixels (default: 320)
              --serve            waits for PDFs on HTTP, and answers each with its text; with Actuator
              --port=N           where to listen, on the loopback interface (default: 8080)
              --help             prints this

            Each document gets a folder of its own in the output, named after it, with text.txt, page-001.png and so on.
            Documents that fail are listed at the end, each with its reason. The exit code is 0 even then;
            any other means that the job could not run.
            """;

    /** Options with a value, and the properties that they stand for: the application's own, the starter's or Spring's. */
    private static final Map<String, String> OPTIONS = Map.of(
            "documents", "sample.documents",
            "output", "sample.output",
            "workers", "processpool.pools.render.workers",
            "heap", "processpool.max-heap",
            "timeout", "sample.timeout",
            "thumbnail", "sample.thumbnail",
            "port", "server.port");

    /** Who serves has its workers ready, and says at once that there is too much to do; the job waits. */
    private static final List<String> SERVE = List.of(
            "--sample.serve=true",
            "--spring.main.web-application-type=servlet",
            "--spring.main.lazy-initialization=false",
            "--processpool.pools.inspect.start=eager",
            "--processpool.pools.render.start=eager",
            "--processpool.queue-capacity=100",
            "--processpool.saturation=reject");

    private CommandLine() {}

    /**
     * Translates {@code --timeout=2s} or {@code --timeout 2s} to {@code --sample.timeout=2s}. Options with a dot in their
     * name are Spring's and stay as they are.
     *
     * @return the translation, or {@code --help} alone if that was among the arguments
     * @throws UsageException if an argument is not understood
     */
    static String[] toSpringArguments(String... args) {
        List<String> translated = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            String argument = args[i];
            if (argument.equals("--help") || argument.equals("-h")) {
                return new String[] {"--help"};
            }
            if (argument.equals("--serve")) {
                translated.addAll(SERVE);
                continue;
            }
            if (!argument.startsWith("--")) {
                throw new UsageException("not understood: " + argument + " (see --help)");
            }
            int equals = argument.indexOf('=');
            String name = argument.substring(2, equals < 0 ? argument.length() : equals);
            if (name.contains(".")) {
                translated.add(argument);
                continue;
            }
            String property = OPTIONS.get(name);
            if (property == null) {
                throw new UsageException("no such option: --" + name + " (see --help)");
            }
            String value = equals >= 0 ? argument.substring(equals + 1) : ++i < args.length ? args[i] : "";
            if (value.isBlank() || (equals < 0 && value.startsWith("--"))) {
                throw new UsageException("--" + name + " needs a value (see --help)");
            }
            translated.add("--" + property + "=" + value);
        }
        return translated.toArray(String[]::new);
    }
}
