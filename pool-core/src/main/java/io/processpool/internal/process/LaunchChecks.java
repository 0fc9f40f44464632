package io.processpool.internal.process;

import io.processpool.internal.Checks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks of settings with which no worker could ever start, at the time when they are set. */
public final class LaunchChecks {

    private static final int MAX_VALUE = 200;

    private static final Set<String> CLASS_PATH = Set.of("-cp", "-classpath", "--class-path");

    /** They run something else, or end the JVM. */
    private static final Set<String> NO_WORKER = Set.of(
            "-jar",
            "-m",
            "--module",
            "--source",
            "-d",
            "--describe-module",
            "--list-modules",
            "--validate-modules",
            "--dry-run",
            "-version",
            "--version",
            "-?",
            "-h",
            "-help",
            "--help",
            "-X",
            "--help-extra");

    private LaunchChecks() {}

    /** Returns a copy of the JVM arguments of workers, or throws if one is none, or is the pool's affair. */
    public static List<String> jvmArguments(@Nullable List<String> arguments) {
        List<String> checked = Checks.words("jvmArguments", arguments);
        boolean valueMayFollow = false;
        for (int i = 0; i < checked.size(); i++) {
            String argument = checked.get(i);
            String objection = argument.startsWith("-") || valueMayFollow ? objection(argument) : notAnOption(argument);
            if (objection != null) {
                throw new IllegalArgumentException(
                        "jvmArguments must " + objection + ": jvmArguments[" + i + "]=\"" + argument + "\"");
            }
            valueMayFollow = argument.equals("-p") || (argument.startsWith("--") && argument.indexOf('=') < 0);
        }
        return checked;
    }

    private static @Nullable String objection(String argument) {
        String option = argument.startsWith("--") ? argument.replaceFirst("=.*", "") : argument;
        if (CLASS_PATH.contains(option)) {
            return "leave the class path to the setting classPath";
        }
        return NO_WORKER.contains(option) ? "leave it to the pool what the JVM runs" : null;
    }

    private static String notAnOption(String argument) {
        return argument.startsWith("@")
                ? "not name an argument file, use -XX:VMOptionsFile=<file>"
                : "be options of the JVM, each an element that begins with -";
    }

    /** Returns a copy of the class path of workers, or throws if they would not find this library. */
    public static List<String> classPath(@Nullable List<String> classPath) {
        List<String> checked = Checks.words("classPath", classPath);
        if (checked.isEmpty()) {
            return checked;
        }
        ClassPathEntries entries = new ClassPathEntries();
        checked.forEach(entries::addClassPath);
        Path library = ParentRuntime.current().library();
        if (!entries.hasLibrary(library) && !isBootArchive(entries.toList())) {
            String value = checked.toString();
            throw new IllegalArgumentException("classPath must contain all that tasks need, the ProcessPool library"
                    + " included: classPath="
                    + (value.length() <= MAX_VALUE ? value : value.substring(0, MAX_VALUE) + "...")
                    + ", of which exist="
                    + entries.toList().size() + ", library=" + (library == null ? "unknown" : library));
        }
        return checked;
    }

    /** The library is inside of it, most likely. */
    private static boolean isBootArchive(List<String> entries) {
        Path first = entries.isEmpty() ? null : Path.of(entries.get(0));
        return first != null && Files.exists(first) && BootArchive.at(first) != null;
    }
}
