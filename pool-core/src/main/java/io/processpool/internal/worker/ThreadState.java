package io.processpool.internal.worker;

/**
 * What the thread that runs tasks looked like before the first of them: its name, its priority and its context class loader.
 * What a task changes of that does not reach the next one; what the initializer changes stays. Only the task thread.
 */
final class ThreadState {

    private final Thread thread = Thread.currentThread();
    private final String name = thread.getName();
    private final int priority = thread.getPriority();
    private final ClassLoader loader = thread.getContextClassLoader();

    /** Undoes what an item has changed. Costs a few loads if that is nothing. */
    @SuppressWarnings("ReferenceEquality") // the very name: the same text is set again, which harms nobody
    void restore() {
        if (thread.getName() != name) {
            thread.setName(name);
        }
        if (thread.getPriority() != priority) {
            thread.setPriority(priority);
        }
        if (thread.getContextClassLoader() != loader) {
            thread.setContextClassLoader(loader);
        }
    }
}
