package io.processpool;

import io.processpool.internal.transport.Channel;
import io.processpool.internal.wire.Message;
import io.processpool.testing.Signs;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import sun.misc.Unsafe;

/** What workers do in tests. */
final class Deeds {

    private Deeds() {}

    /** Returns the process id of the worker. */
    static long pid() {
        return ProcessHandle.current().pid();
    }

    /** Takes so long, for tasks whose duration matters. Not for waiting. */
    static void workFor(Duration duration) throws InterruptedException {
        Thread.sleep(duration.toMillis());
    }

    /** Says that it has begun, then waits for a sign; returns the process id. */
    static long gated(Signs signs, String begun, String go) throws InterruptedException {
        signs.give(begun);
        signs.await(go);
        return pid();
    }

    /** Runs until it is interrupted, and says so. */
    static String hang(Signs signs, String begun) {
        signs.give(begun);
        try {
            new CountDownLatch(1).await();
            return "impossible";
        } catch (InterruptedException e) {
            signs.give(begun + "-interrupted");
            return "interrupted";
        }
    }

    /** Runs for ever, whoever interrupts it. */
    static String ignoreInterrupts(Signs signs, String begun) {
        signs.give(begun);
        while (true) {
            LockSupport.park();
            if (Thread.interrupted()) {
                signs.give(begun + "-interrupted");
            }
        }
    }

    /** Returns the worker's channel to the pool. */
    static Channel channel() {
        return (Channel) ofContext("channel");
    }

    /** Returns the number of the item that runs: its batch, and its place in there. */
    static long runningItem() {
        Object running = ofContext("running");
        try {
            Method current = running.getClass().getDeclaredMethod("current");
            current.setAccessible(true);
            return (long) current.invoke(running);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("where is the item?", e);
        }
    }

    private static Object ofContext(String name) {
        try {
            WorkerContext context = WorkerContext.current();
            Field field = context.getClass().getDeclaredField(name);
            field.setAccessible(true);
            return field.get(context);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("where is the " + name + "?", e);
        }
    }

    /** Sends the pool what no worker may send, and waits for what comes of it. */
    static Void talkNonsense() throws Exception {
        channel().send(new Message.Ping(1));
        new CountDownLatch(1).await();
        return null;
    }

    /** Starts a process that would outlive the worker; returns its pid. */
    static long startSleeper() throws IOException {
        return new ProcessBuilder("sleep", "600").inheritIO().start().pid();
    }

    /** Kills the worker from inside, without its JVM's knowledge. */
    static void killSelf() throws Exception {
        signalSelf("KILL");
        new CountDownLatch(1).await();
    }

    /** Stops the worker from inside; returns when somebody has continued it. */
    static void stopSelf() {
        try {
            signalSelf("STOP");
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("cannot stop", e);
        }
    }

    private static void signalSelf(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
    }

    /** Crashes the JVM. */
    static void crash() throws ReflectiveOperationException {
        Field field = Unsafe.class.getDeclaredField("theUnsafe");
        field.setAccessible(true);
        ((Unsafe) field.get(null)).putAddress(0, 0);
    }

    /** Ends the JVM at once. */
    static void halt(int code) {
        Runtime.getRuntime().halt(code);
    }

    /** Kills whoever decodes it. */
    static final class DeadlyToRead implements Serializable {
        private static final long serialVersionUID = 1L;
        private final long reader;

        /** Spares this process. */
        DeadlyToRead() {
            this.reader = pid();
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            if (reader != pid()) {
                halt(21);
            }
        }
    }

    /** Kills whoever encodes it. */
    static final class DeadlyToWrite implements Serializable {
        private static final long serialVersionUID = 1L;

        private void writeObject(ObjectOutputStream out) {
            halt(22);
        }
    }
}
