package io.processpool.internal.engine;

/** Throws a caller's own exception as it is, checked or not. */
final class Sneaky {

    private Sneaky() {}

    /** Throws the failure; returns only for the compiler. */
    static RuntimeException rethrow(Throwable failure) {
        throw Sneaky.<RuntimeException>unchecked(failure);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T unchecked(Throwable failure) throws T {
        throw (T) failure;
    }
}
