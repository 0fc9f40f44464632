/** The documents that the sample brings along, drawn when they are needed: nothing binary is kept in the sources. */
@NullMarked
package io.processpool.sample.bundled;

import org.jspecify.annotations.NullMarked;
