package io.processpool.spring.endpoint;

import java.util.Map;

/**
 * All pools.
 *
 * @param pools the pools by name
 */
public record PoolsDescription(Map<String, PoolDescription> pools) {}
