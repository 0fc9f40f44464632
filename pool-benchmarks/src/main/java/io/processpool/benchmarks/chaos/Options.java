package io.processpool.benchmarks.chaos;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What a command line asks for: names, each with a number. */
final class Options {

    private final Map<String, String> values;

    private Options(Map<String, String> values) {
        this.values = values;
    }

    /**
     * Reads a command line.
     *
     * @param allowed the names that it may have
     * @throws IllegalArgumentException if it makes no sense
     */
    static Options parse(Set<String> allowed, String... args) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            if (!allowed.contains(args[i])) {
                throw new IllegalArgumentException("Unknown option: " + args[i]);
            }
            if (i + 1 == args.length) {
                throw new IllegalArgumentException("A value is missing: " + args[i]);
            }
            values.put(args[i], args[i + 1]);
        }
        return new Options(values);
    }

    long whole(String name, long absent, long min, long max) {
        String value = values.get(name);
        long number = value == null ? absent : Long.parseLong(value);
        if (number < min || number > max) {
            throw new IllegalArgumentException(name + " must be " + min + " to " + max + ": " + name + "=" + value);
        }
        return number;
    }

    double real(String name, double absent, double min, double max) {
        String value = values.get(name);
        double number = value == null ? absent : Double.parseDouble(value);
        if (!(number >= min && number <= max)) {
            throw new IllegalArgumentException(name + " must be " + min + " to " + max + ": " + name + "=" + value);
        }
        return number;
    }
}
