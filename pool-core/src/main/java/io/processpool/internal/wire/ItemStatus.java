package io.processpool.internal.wire;

/** How an item ended in the worker; the byte on the wire is the ordinal. */
public enum ItemStatus {
    /** The payload is the encoded result. */
    VALUE,
    /** The task threw; the payload is the encoded exception. */
    THREW,
    /** The function or the argument could not be decoded; the payload is the encoded exception. */
    BAD_ARGUMENT,
    /** The result could not be encoded; the payload is the encoded exception. */
    BAD_RESULT,
    /** The item was cancelled before it began; the payload is empty. */
    SKIPPED,
    /** Several items in a row have returned scalars, which follow each other in the payload. */
    RUN;

    private static final ItemStatus[] VALUES = values();

    /** Returns the constant for a byte from the wire. */
    public static ItemStatus of(int code) throws ProtocolException {
        if (code < 0 || code >= VALUES.length) {
            throw new ProtocolException("unknown item status: " + code);
        }
        return VALUES[code];
    }
}
