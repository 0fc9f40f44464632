package io.processpool.spring;

import io.processpool.ProcessPool;

/**
 * Changes the settings of pools, before they are built. All beans of this type are called, in their order, for each pool
 * that this starter makes; what they set wins over properties.
 *
 * <p>For a pool that you build yourself, call {@link #customize} on the beans of this type, and it gets metrics, a history
 * and observations as well.
 */
@FunctionalInterface
public interface ProcessPoolCustomizer {

    /**
     * Changes settings.
     *
     * @param name the name of the pool: that of its entry below {@code processpool.pools}, or {@code default}, unless its
     *     properties say otherwise
     * @param builder the builder, with everything that the properties say
     */
    void customize(String name, ProcessPool.Builder builder);
}
