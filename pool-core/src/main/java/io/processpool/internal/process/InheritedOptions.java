package io.processpool.internal.process;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The JVM options of this process that its workers get, too. Only those without which the same classes would behave
 * differently: what opens modules, previews, assertions, and a few properties. Never debuggers, agents, JMX, memory or
 * garbage collection: those are about this one process.
 */
final class InheritedOptions {

    private static final Set<String> SWITCHES = Set.of(
            "--enable-preview",
            "-ea",
            "-enableassertions",
            "-da",
            "-disableassertions",
            "-esa",
            "-enablesystemassertions",
            "-dsa",
            "-disablesystemassertions");

    private static final List<String> SWITCH_PREFIXES = List.of(
            "-ea:",
            "-enableassertions:",
            "-da:",
            "-disableassertions:",
            "--illegal-native-access=",
            "--sun-misc-unsafe-memory-access=");

    /** Options that name modules: {@code --option=module/package=targets}, or only the first or the last part. */
    private static final List<String> MODULE_ACCESS = List.of("--add-opens=", "--add-exports=", "--add-reads=");

    private static final List<String> MODULE_LISTS = List.of("--add-modules=", "--enable-native-access=");

    /**
     * Properties that are passed on if they are set on the command line: how text, time and addresses
     * are read, where native libraries are, which classes may be deserialized.
     */
    private static final Set<String> PROPERTIES = Set.of(
            "file.encoding",
            "user.language",
            "user.country",
            "user.script",
            "user.variant",
            "user.timezone",
            "java.locale.providers",
            "java.net.preferIPv4Stack",
            "java.net.preferIPv6Addresses",
            "java.library.path",
            "jna.library.path",
            "jdk.serialFilter");

    /** Of these properties, those that hold paths, which a worker in another directory would take for others. */
    private static final Set<String> PATHS = Set.of("java.library.path", "jna.library.path");

    private static final String UNNAMED = "ALL-UNNAMED";

    private InheritedOptions() {}

    /** Returns the options that workers of this JVM inherit. The first call loads the management classes, about 20 ms. */
    static List<String> current() {
        return Holder.OPTIONS;
    }

    /**
     * Selects the options to inherit.
     *
     * @param arguments the JVM arguments of this process
     * @param isSystemModule whether the module is part of the JDK; all others lie on the class path of a worker
     */
    static List<String> select(List<String> arguments, Predicate<String> isSystemModule) {
        List<String> selected = new ArrayList<>();
        for (String argument : arguments) {
            if (SWITCHES.contains(argument) || startsWithAny(argument, SWITCH_PREFIXES)) {
                selected.add(argument);
            } else if (argument.startsWith("-D")) {
                selected.addAll(property(argument));
            } else if (startsWithAny(argument, MODULE_ACCESS)) {
                selected.addAll(moduleAccess(argument, isSystemModule));
            } else if (startsWithAny(argument, MODULE_LISTS)) {
                selected.addAll(moduleList(argument, isSystemModule));
            }
        }
        return List.copyOf(selected);
    }

    private static boolean startsWithAny(String argument, List<String> prefixes) {
        return prefixes.stream().anyMatch(argument::startsWith);
    }

    private static List<String> property(String argument) {
        int end = argument.indexOf('=');
        String name = end < 0 ? "" : argument.substring(2, end);
        if (!PROPERTIES.contains(name)) {
            return List.of();
        }
        if (!PATHS.contains(name)) {
            return List.of(argument);
        }
        String absolute = Stream.of(argument.substring(end + 1).split(Pattern.quote(File.pathSeparator), -1))
                .map(path -> Path.of(path).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
        return List.of("-D" + name + "=" + absolute);
    }

    /** {@code --add-opens=java.base/java.lang=my.module} becomes {@code ...=ALL-UNNAMED}. */
    private static List<String> moduleAccess(String argument, Predicate<String> isSystemModule) {
        String[] parts = argument.split("=", 3);
        String module = parts.length < 3 ? "" : parts[1].split("/", 2)[0];
        if (!isSystemModule.test(module)) {
            return List.of();
        }
        return List.of(parts[0] + "=" + parts[1] + "=" + targets(parts[2], isSystemModule));
    }

    private static List<String> moduleList(String argument, Predicate<String> isSystemModule) {
        int end = argument.indexOf('=') + 1;
        String option = argument.substring(0, end);
        String modules = argument.substring(end);
        if (option.equals("--enable-native-access=")) {
            return List.of(option + targets(modules, isSystemModule));
        }
        String kept = Stream.of(modules.split(","))
                .filter(module -> isSystemModule.test(module) || module.equals("ALL-SYSTEM"))
                .collect(Collectors.joining(","));
        return kept.isEmpty() ? List.of() : List.of(option + kept);
    }

    private static String targets(String modules, Predicate<String> isSystemModule) {
        return Stream.of(modules.split(","))
                .map(module -> isSystemModule.test(module) ? module : UNNAMED)
                .distinct()
                .collect(Collectors.joining(","));
    }

    private static final class Holder {

        static final List<String> OPTIONS = read();

        private static List<String> read() {
            try {
                List<String> arguments = ManagementFactory.getRuntimeMXBean().getInputArguments();
                ModuleFinder system = ModuleFinder.ofSystem();
                return select(arguments, module -> system.find(module).isPresent());
            } catch (LinkageError | RuntimeException e) {
                // a runtime image without java.management
                return List.of();
            }
        }
    }
}
