package io.processpool.internal.worker;

import java.util.Map;
import org.slf4j.MDC;

/**
 * The MDC of the thread that runs tasks. A class of its own, since touching the MDC sets up the application's logging: that
 * happens only in workers whose tasks come with entries. It serves the log, so a task runs without it if it does not work.
 */
final class WorkerMdc {

    private WorkerMdc() {}

    static void put(Map<String, String> entries) {
        try {
            entries.forEach(MDC::put);
        } catch (RuntimeException | LinkageError e) {
            remove(entries); // all or none
        }
    }

    static void remove(Map<String, String> entries) {
        try {
            entries.keySet().forEach(MDC::remove);
        } catch (RuntimeException | LinkageError e) {
            return; // nobody could be told: a worker does not log
        }
    }
}
