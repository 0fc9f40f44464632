package io.processpool.internal.process;

import io.processpool.WorkerStartException;
import io.processpool.internal.LaunchSettings;
import io.processpool.internal.archive.ArchivedOptions;
import io.processpool.internal.archive.UnsuitableException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Has a process make an archive that is launched as the workers are, so that it sees what they see. If they are confined so that
 * it can write nothing there, but could read an archive, it is launched once more without their {@code commandPrefix}: it runs
 * nothing that is the user's, and what a JVM takes of an archive that was made outside, it checks for itself.
 */
final class ArchiveTrainer implements ArchiveMaker.Trainer {

    /** Runs processes of a pool. */
    interface Launcher {

        /**
         * Runs one to its end.
         *
         * @param output takes what it writes, after what is there
         * @return its exit code, {@link Training#NOT_ENDED} if it did not end by itself
         */
        int run(CommandLine command, Path output);

        /** Returns whether processes are not let run to their end any more. */
        boolean closed();
    }

    /** With this exit code a process says that it could read an archive and not make one; no JVM ends with it by itself. */
    private static final int OUTSIDE = 79;

    private final String label;
    private final LaunchSettings settings;
    private final List<String> defaults;
    private final Packaging packaging;
    private final Launcher launcher;

    /**
     * Makes one.
     *
     * @param label what people who look at a list of processes are to read
     * @param defaults the pool's own JVM options
     * @param packaging how workers get their classes, and the main class; that is given a directory for its files, a file that
     *     it must be able to read, and, if it is to do no more than look, the exit code for the case that it can read this file
     *     but not write to the directory
     */
    ArchiveTrainer(
            String label, LaunchSettings settings, List<String> defaults, Packaging packaging, Launcher launcher) {
        this.label = label;
        this.settings = settings;
        this.defaults = List.copyOf(defaults);
        this.packaging = packaging;
        this.launcher = launcher;
    }

    @Override
    public boolean run(Path work, Path archive, Path readable) {
        List<String> prefix = Placeholders.fill(settings.commandPrefix(), 0, work);
        List<String> arguments = List.of(work.toString(), readable.toString());
        List<String> look = List.of(work.toString(), readable.toString(), Integer.toString(OUTSIDE));
        List<String> dump = List.of("-XX:ArchiveClassesAtExit=" + archive);
        try {
            return run(work, "args", prefix, dump, arguments) == 0
                    || (!prefix.isEmpty()
                            && run(work, "args-look", prefix, List.of(), look) == OUTSIDE
                            && run(work, "args-outside", List.of(), dump, arguments) == 0);
        } catch (WorkerStartException | UnsuitableException e) {
            return false;
        }
    }

    private int run(Path work, String name, List<String> prefix, List<String> options, List<String> arguments)
            throws UnsuitableException {
        List<String> all = new ArrayList<>(defaults);
        all.addAll(InheritedOptions.current());
        // Not what opens ports and writes files: worker 0 does that already.
        all.addAll(ArchivedOptions.select(Placeholders.fill(settings.jvmArguments(), 0)));
        all.addAll(options);
        all.addAll(List.of(ClassSharing.silent(), "-Djava.io.tmpdir=" + work));
        all.addAll(packaging.options());
        all.add(packaging.mainClass());
        all.addAll(arguments);
        CommandLine command = CommandLine.write(Training.withLowPriority(prefix), label, all, work.resolve(name));
        return launcher.run(command, work.resolve(ArchiveMaker.OUTPUT));
    }

    @Override
    public boolean closed() {
        return launcher.closed();
    }
}
