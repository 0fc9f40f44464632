package io.processpool.internal.transport;

import io.processpool.testing.Scarcity;
import java.lang.reflect.Field;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The commands of a loop, to which none can be added while there is no memory. */
final class ScarceCommands extends ConcurrentLinkedQueue<Runnable> {

    private static final long serialVersionUID = 1;

    private final transient Scarcity memory = new Scarcity();

    private ScarceCommands() {}

    /** Replaces those of a loop; on its thread. Returns what it takes to add one. */
    static Scarcity install(IoLoop loop) {
        ScarceCommands commands = new ScarceCommands();
        try {
            Field field = IoLoop.class.getDeclaredField("commands");
            field.setAccessible(true);
            field.set(loop, commands);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("where does the loop keep its commands?", e);
        }
        return commands.memory;
    }

    @Override
    public boolean add(Runnable command) {
        memory.take();
        return super.add(command);
    }
}
