/** A server that is not the application's own. */
@NullMarked
package example.server;

import org.jspecify.annotations.NullMarked;
