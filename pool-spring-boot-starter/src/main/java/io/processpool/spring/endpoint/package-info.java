/** The Actuator endpoint {@code processpool}. */
@NullMarked
package io.processpool.spring.endpoint;

import org.jspecify.annotations.NullMarked;
