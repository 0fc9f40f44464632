package io.processpool.internal.worker;

import java.util.Map;
import org.slf4j.MDC;

/**
 * The MDC of the thread that runs tasks. A class of its own, since touching the MDC sets up the application's logging: that
 * happens only in workers whose tasks come with entries.
 */
final class WorkerMdc {

    private WorkerMdc() {}

    static void put(Map<String, String> entries) {
        entries.forEach(MDC::put);
    }

    static void remove(Map<String, String> entries) {
        entries.keySet().forEach(MDC::remove);
    }
}
