package io.processpool.internal.process;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    private PrivateUmask() {}

    /**
     * Sets the umask of a process that is about to be started, if there is a shell that does no harm. A command that does not
     * exist is left as it is, so that starting it fails as always.
     */
    static void apply(ProcessBuilder builder) {
        List<String> command = builder.command();
        Map<String, String> environment = builder.environment();
        if (PortablePlatform.isWindows()
                || !Files.isExecutable(SHELL)
                || !environment.keySet().stream()
                        .allMatch(name -> KEPT.matcher(name).matches())
                || !exists(command.get(0), builder.directory(), environment.get("PATH"))) {
            return;
        }
        List<String> all = new ArrayList<>(SCRIPT);
        all.addAll(command);
        builder.command(all);
    }

    private static boolean exists(String command, @Nullable File directory, @Nullable String path) {
        try {
            if (command.indexOf('/') >= 0) {
                Path base = directory == null ? Path.of("") : directory.toPath();
                return Files.isExecutable(base.resolve(command));
            }
            for (String place : (path == null ? "" : path).split(File.pathSeparator)) {
                if (!place.isEmpty() && Files.isExecutable(Path.of(place, command))) {
                    return true;
                }
            }
        } catch (InvalidPathException e) {
            return false;
        }
        return false;
    }
}
