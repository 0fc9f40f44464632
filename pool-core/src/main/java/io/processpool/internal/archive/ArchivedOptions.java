package io.processpool.internal.archive;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * JVM options as far as they matter to an archive. The JVM takes an archive only under the options that it was made
 * with, and one that it does not take costs it even the archive of the JDK; so all options count that are not known to
 * be without influence.
 */
public final class ArchivedOptions {

    /**
     * Options without influence: properties, and what writes or opens something for a worker, which a training must not
     * do in its place.
     */
    private static final Pattern IRRELEVANT = Pattern.compile("-D.*|-Xlog.*|-Xloggc.*|-verbose.*"
            + "|-XX:(StartFlightRecording|FlightRecorderOptions|LogFile|ErrorFile|HeapDumpPath|OnError|OnOutOfMemoryError|"
            + "NativeMemoryTracking)\\b.*"
            + "|-XX:[+-](HeapDumpOnOutOfMemoryError|LogVMOutput|ManagementServer)");

    /**
     * Options under which the JVM makes or takes no archive, which say themselves what to share, or which hide others.
     */
    private static final Pattern UNSUITABLE = Pattern.compile("-Xshare:(?!auto$).*"
            + "|-XX:([+-](AutoCreateSharedArchive|DynamicDumpSharedSpaces|AllowArchivingWithJavaAgent|RecordDynamicDumpInfo)"
            + "|(SharedArchiveFile|ArchiveClassesAtExit|SharedClassListFile|DumpLoadedClassList|AOT\\w*)=).*"
            + "|-javaagent:.*|-agentlib:.*|-agentpath:.*|-Xdebug|-Xrun.*"
            + "|--patch-module.*|--limit-modules.*|--upgrade-module-path.*|--module-path.*|-p|-Xbootclasspath.*"
            + "|-XX:(VMOptionsFile|Flags)=.*"
            + "|-Djava\\.system\\.class\\.loader=.*|-Djava\\.security\\.manager\\b.*|-Djdk\\.module\\..*");

    private ArchivedOptions() {}

    /**
     * Selects the options that matter.
     *
     * @param options the options of a worker
     * @return those that matter, in their order
     * @throws UnsuitableException if one of them rules an archive out
     */
    public static List<String> select(List<String> options) throws UnsuitableException {
        List<String> selected = new ArrayList<>();
        for (String option : options) {
            if (UNSUITABLE.matcher(option).matches()) {
                throw new UnsuitableException("the JVM option " + option.split("[=:]", 2)[0]);
            }
            if (!IRRELEVANT.matcher(option).matches()) {
                selected.add(option);
            }
        }
        return List.copyOf(selected);
    }
}
