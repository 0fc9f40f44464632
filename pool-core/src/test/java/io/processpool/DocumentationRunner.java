package io.processpool;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutionException;

/**
 * Runs compiled samples of the documentation, in a JVM of its own: its class path has the samples, and so has that of the
 * workers that it starts. Writes one line for each sample: its class, and what it threw.
 */
final class DocumentationRunner {

    private DocumentationRunner() {}

    /**
     * Runs samples one after the other.
     *
     * @param args the file to write to, then the classes
     */
    public static void main(String[] args) throws Exception {
        Path report = Path.of(args[0]);
        ProcessPool pool = newPool();
        for (int i = 1; i < args.length; i++) {
            if (pool.snapshot().state() != PoolState.RUNNING) {
                pool = newPool();
            }
            String line = args[i] + "\t" + outcome(Class.forName(args[i]), pool) + "\n";
            Files.writeString(report, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
        pool.close();
    }

    private static ProcessPool newPool() {
        return ProcessPool.builder().name("docs").workers(2).build();
    }

    /** Returns simple name and message of what the sample threw, separated by a tab; empty if it did not throw. */
    private static String outcome(Class<?> sample, ProcessPool pool) throws ReflectiveOperationException {
        try {
            run(sample, pool);
            return "";
        } catch (InvocationTargetException e) {
            Throwable thrown = e.getCause();
            if (thrown instanceof ExecutionException && thrown.getCause() != null) {
                thrown = thrown.getCause();
            }
            String message = String.valueOf(thrown.getMessage());
            return thrown.getClass().getSimpleName() + "\t" + message.replaceAll("\\s+", " ");
        }
    }

    private static void run(Class<?> sample, ProcessPool pool) throws ReflectiveOperationException {
        for (Method method : sample.getDeclaredMethods()) {
            if (method.getName().equals("run")) {
                method.invoke(null, pool);
                return;
            }
        }
        sample.getDeclaredMethod("main", String[].class).invoke(null, (Object) new String[0]);
    }
}
