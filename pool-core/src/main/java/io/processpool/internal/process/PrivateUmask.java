package io.processpool.internal.process;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Has a process create files for its user only. Java cannot set the umask of what it starts, so a shell does, which then
 * becomes the process: same pid, same stdin. It costs about a millisecond.
 */
final class PrivateUmask {

    private static final Path SHELL = Path.of("/bin/sh");
    private static final List<String> SCRIPT = List.of(SHELL.toString(), "-c", "umask 077; exec \"$@\"", "sh");

    /** Some shells lose variables with other names, such as {@code my.setting}. */
    private static final Pattern KEPT = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    /** Where the JDK looks if there is no PATH; what is empty is the working directory. */
    private static final String DEFAULT_PATH = ":/bin:/usr/bin";

    private PrivateUmask() {}

    /**
     * Sets the umask of a process that is about to be started, if there is a shell that does no harm. A command that does not
     * exist is left as it is, so that starting it fails as always.
     */
    static void apply(ProcessBuilder builder) {
        apply(builder, System.getenv("PATH"));
    }

    /** The same for a process of whose JVM the PATH is given. */
    static void apply(ProcessBuilder builder, @Nullable String path) {
        List<String> command = builder.command();
        if (PortablePlatform.isWindows()
                || !Files.isExecutable(SHELL)
                || !builder.environment().keySet().stream()
                        .allMatch(name -> KEPT.matcher(name).matches())) {
            return;
        }
        String program = find(command.get(0), builder.directory(), path == null ? DEFAULT_PATH : path);
        if (program == null) {
            return;
        }
        List<String> all = new ArrayList<>(SCRIPT);
        all.add(program);
        all.addAll(command.subList(1, command.size()));
        builder.command(all);
    }

    /**
     * Finds a program as the JDK does: a name in the PATH of this process, whatever PATH the environment of the new one has,
     * where the shell would look for it.
     */
    private static @Nullable String find(String command, @Nullable File directory, String path) {
        Path base = (directory == null ? Path.of("") : directory.toPath()).toAbsolutePath();
        try {
            if (command.indexOf('/') >= 0) {
                return isProgram(base.resolve(command)) ? command : null;
            }
            for (String place : path.split(File.pathSeparator, -1)) {
                Path file = base.resolve(place).resolve(command);
                if (isProgram(file)) {
                    return file.toString();
                }
            }
        } catch (InvalidPathException e) {
            return null;
        }
        return null;
    }

    private static boolean isProgram(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }
}
