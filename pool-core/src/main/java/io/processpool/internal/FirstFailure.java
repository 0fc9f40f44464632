package io.processpool.internal;

import org.jspecify.annotations.Nullable;

/** Takes actions that have to run one after the other whatever some of them throw, and throws the first failure at the end. */
public final class FirstFailure {

    private @Nullable Throwable first;

    /** Runs an action, and keeps what it throws. */
    public void run(Runnable action) {
        try {
            action.run();
        } catch (Throwable e) { // of whatever kind: the other actions are somebody else's
            keep(e);
        }
    }

    /** Keeps what an action has thrown. Never throws, and needs no memory if it is the first. */
    public void keep(Throwable failure) {
        if (first == null) {
            first = failure;
        } else if (first != failure) {
            try {
                first.addSuppressed(failure);
            } catch (OutOfMemoryError e) {
                // the first says enough, and there are other actions
            }
        }
    }

    /** Throws what the first action that failed has thrown, if one has. */
    public void throwIfAny() {
        if (first != null) {
            throw FirstFailure.<RuntimeException>unchecked(first);
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> T unchecked(Throwable failure) throws T {
        throw (T) failure;
    }
}
