/** An application as its users run it: packed, deployed, signalled, restarted. */
@NullMarked
package io.processpool.spring.packaging;

import org.jspecify.annotations.NullMarked;
