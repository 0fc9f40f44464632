/** An application that does nothing, to see how long it takes to start, with this library and without. */
@NullMarked
package example.bare;

import org.jspecify.annotations.NullMarked;
