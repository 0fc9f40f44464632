/**
 * Pools as beans: how they start, stop and start again with the application context, and what is remembered of them. For
 * the other packages of this starter; applications use {@link io.processpool.ProcessPool}.
 */
@NullMarked
package io.processpool.spring.managed;

import org.jspecify.annotations.NullMarked;
