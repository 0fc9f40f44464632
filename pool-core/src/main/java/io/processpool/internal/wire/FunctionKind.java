package io.processpool.internal.wire;

/** How a worker calls a function with an item. */
public enum FunctionKind {
    /** A {@code TaskCallable}; the item is ignored. */
    CALLABLE,
    /** A {@code TaskFunction}; the item is its argument. */
    FUNCTION,
    /** A {@code TaskBiFunction}; the item holds the length of the first argument, then both arguments. */
    BIFUNCTION
}
