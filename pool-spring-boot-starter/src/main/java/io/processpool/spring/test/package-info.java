/** Pools in tests. */
@NullMarked
package io.processpool.spring.test;

import org.jspecify.annotations.NullMarked;
