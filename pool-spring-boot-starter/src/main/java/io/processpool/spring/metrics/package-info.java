/** Meters of the pools. */
@NullMarked
package io.processpool.spring.metrics;

import org.jspecify.annotations.NullMarked;
