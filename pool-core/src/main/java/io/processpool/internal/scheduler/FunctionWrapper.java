package io.processpool.internal.scheduler;

/** A function of the pool's own around one of the user's, which gives it its name and its estimate. */
public interface FunctionWrapper {

    /** Returns the user's function. */
    Object wrapped();
}
