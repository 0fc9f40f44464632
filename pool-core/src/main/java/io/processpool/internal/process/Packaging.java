package io.processpool.internal.process;

import java.util.ArrayList;
import java.util.List;

/**
 * How a worker gets its classes: the end of its command line.
 *
 * @param kind what was recognised
 * @param options JVM options, the class path included
 * @param mainClass the class to name on the command line; for an executable archive that of its launcher
 */
record Packaging(Kind kind, List<String> options, String mainClass) {

    /** What the classes come in. */
    enum Kind {
        /** Directories and jars that the JVM reads itself; a jar's manifest may name more of them. */
        CLASS_PATH,
        /** An executable jar of Spring Boot, packed or exploded. */
        BOOT_JAR,
        /** An executable WAR of Spring Boot, packed or exploded. */
        BOOT_WAR,
        /** Directories and jars that were in an executable archive of Spring Boot, which is unpacked. */
        UNPACKED
    }

    Packaging {
        options = List.copyOf(options);
    }

    /** Returns the class path that the JVM reads itself: it comes last. */
    String classPath() {
        return options.get(options.size() - 1);
    }

    /** Returns a copy with these options in front. */
    Packaging with(List<String> more) {
        List<String> all = new ArrayList<>(more);
        all.addAll(options);
        return new Packaging(kind, all, mainClass);
    }
}
