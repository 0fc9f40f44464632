package io.processpool.benchmarks.compare.peer;

import java.io.IOException;

/** What nobody can do without when a worker is killed: until the system has taken its JVM down, its channel does not end. */
public final class BareKill {

    private BareKill() {}

    /**
     * Kills a JVM that does nothing but to answer through a socket.
     *
     * @param warmMillis how long it lives before
     * @return the nanoseconds from {@code kill -9} until its other side has heard the end of the socket
     */
    public static long nanos(long warmMillis) throws IOException, InterruptedException {
        return RawSocketPeer.kill(warmMillis);
    }
}
