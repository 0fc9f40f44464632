package io.processpool.benchmarks.compare;

import io.processpool.benchmarks.compare.peer.Contestant;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asks for.
 *
 * @param scale how long to measure
 * @param only the experiments to run
 * @param peers who takes part; the pool always does
 * @param svg where the chart goes, or null
 * @param markdown where the table goes, or null
 */
record Arguments(
        Scale scale,
        List<String> only,
        Set<Contestant> peers,
        @Nullable Path svg,
        @Nullable Path markdown) {

    static final String HELP = """
            compare [--quick] [--rounds N] [--only ID,..] [--peers ID,..] [--svg FILE] [--markdown FILE]

              --quick      a smoke run of less than two minutes; its figures mean little
              --rounds     measured rounds of each peer and work, 5 by default
              --only       %s
              --peers      %s
              --svg        draw a chart into this file
              --markdown   write the table into this file, between its markers if it has them

            One line per figure: median, range in brackets, and how many times as good the pool is.
            """.formatted(String.join(", ", Catalogue.ids()), peerIds());

    private static final int MIN_ROUNDS = 1;
    private static final int MAX_ROUNDS = 100;

    private static String peerIds() {
        return Stream.of(Contestant.values()).map(Contestant::id).collect(Collectors.joining(", "));
    }

    /**
     * Reads a command line.
     *
     * @throws IllegalArgumentException if it makes no sense
     */
    static Arguments parse(String... args) {
        boolean quick = false;
        Integer rounds = null;
        List<String> only = Catalogue.ids();
        Set<Contestant> peers = EnumSet.allOf(Contestant.class);
        Path svg = null;
        Path markdown = null;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--quick" -> quick = true;
                case "--rounds" -> rounds = rounds(value(args, ++i));
                case "--only" -> only = experiments(value(args, ++i));
                case "--peers" -> peers = peers(value(args, ++i));
                case "--svg" -> svg = Path.of(value(args, ++i));
                case "--markdown" -> markdown = Path.of(value(args, ++i));
                default -> throw new IllegalArgumentException("Unknown option: " + args[i]);
            }
        }
        Scale scale = quick ? Scale.QUICK : Scale.FULL;
        return new Arguments(rounds == null ? scale : scale.withRounds(rounds), only, peers, svg, markdown);
    }

    private static String value(String[] args, int i) {
        if (i >= args.length) {
            throw new IllegalArgumentException("A value is missing: " + args[i - 1]);
        }
        return args[i];
    }

    private static int rounds(String value) {
        int rounds = Integer.parseInt(value);
        if (rounds < MIN_ROUNDS || rounds > MAX_ROUNDS) {
            throw new IllegalArgumentException("--rounds must be 1 to 100: --rounds=" + value);
        }
        return rounds;
    }

    private static List<String> experiments(String value) {
        List<String> wanted = List.of(value.split(","));
        for (String id : wanted) {
            if (!Catalogue.ids().contains(id)) {
                throw new IllegalArgumentException("--only must name some of " + Catalogue.ids() + ": " + id);
            }
        }
        return Catalogue.ids().stream().filter(wanted::contains).toList();
    }

    private static Set<Contestant> peers(String value) {
        Set<Contestant> peers = EnumSet.of(Contestant.POOL);
        List<String> unknown = new ArrayList<>(List.of(value.split(",")));
        for (Contestant contestant : Contestant.values()) {
            if (unknown.remove(contestant.id())) {
                peers.add(contestant);
            }
        }
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("--peers must name some of " + peerIds() + ": " + unknown);
        }
        return peers;
    }
}
