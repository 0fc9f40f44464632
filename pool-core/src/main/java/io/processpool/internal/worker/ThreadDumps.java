package io.processpool.internal.worker;

import java.util.Map;

/** Writes the stacks of all threads as text. */
final class ThreadDumps {

    private ThreadDumps() {}

    static String ofAllThreads() {
        StringBuilder text = new StringBuilder(4096);
        for (Map.Entry<Thread, StackTraceElement[]> entry :
                Thread.getAllStackTraces().entrySet()) {
            Thread thread = entry.getKey();
            text.append('"').append(thread.getName()).append('"');
            text.append(thread.isDaemon() ? " daemon" : "");
            text.append(" prio=").append(thread.getPriority());
            text.append('\n')
                    .append("   java.lang.Thread.State: ")
                    .append(thread.getState())
                    .append('\n');
            for (StackTraceElement element : entry.getValue()) {
                text.append("\tat ").append(element).append('\n');
            }
            text.append('\n');
        }
        return text.toString();
    }
}
