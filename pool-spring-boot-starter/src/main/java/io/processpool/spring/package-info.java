/**
 * ProcessPool in Spring Boot applications: auto-configuration, properties, customizers.
 *
 * <p>An application that has this starter gets a bean {@link io.processpool.ProcessPool}, configured by
 * {@code processpool.*}, and one for each entry below {@code processpool.pools}. See
 * {@link io.processpool.spring.ProcessPoolAutoConfiguration}.
 */
@NullMarked
package io.processpool.spring;

import org.jspecify.annotations.NullMarked;
