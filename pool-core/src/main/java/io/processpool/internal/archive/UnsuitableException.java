package io.processpool.internal.archive;

/** Says why nothing is archived here. Expected, and no failure: workers start without an archive. */
public final class UnsuitableException extends Exception {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception without a stack.
     *
     * @param reason what does not suit
     */
    public UnsuitableException(String reason) {
        super(reason, null, false, false);
    }
}
