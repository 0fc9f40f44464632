/** Byte sequences that may exceed 2 GiB, and cursors to write and read them. The bottom layer: knows nobody. */
@NullMarked
package io.processpool.internal.bytes;

import org.jspecify.annotations.NullMarked;
