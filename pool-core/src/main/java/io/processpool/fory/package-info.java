/**
 * Apache Fory as a codec of pools. A package of its own, so that nothing else loads a class of Fory: it is an optional
 * library, and only who makes a {@link io.processpool.fory.ForyCodec} needs it.
 */
@NullMarked
package io.processpool.fory;

import org.jspecify.annotations.NullMarked;
