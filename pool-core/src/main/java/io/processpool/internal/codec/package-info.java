/**
 * Values, functions and failures as bytes, and back. A bottom layer: knows {@code internal.bytes}, and of the public
 * API the codec and the exceptions; and, to say what cannot travel, what belongs to a pool.
 */
@NullMarked
package io.processpool.internal.codec;

import org.jspecify.annotations.NullMarked;
