/** Observations of submissions, and with them traces that go on in the workers. */
@NullMarked
package io.processpool.spring.observation;

import org.jspecify.annotations.NullMarked;
