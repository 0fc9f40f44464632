package io.processpool.internal.transport;

/** What fuzzing keeps from one input to the next. */
public final class FuzzResources {

    private FuzzResources() {}

    /** Ends threads, closes sockets, deletes files. */
    public static void release() throws Exception {
        HandshakeFuzz.release();
    }
}
