/** Health of the pools. */
@NullMarked
package io.processpool.spring.health;

import org.jspecify.annotations.NullMarked;
