/** A library of the application, in a jar of its own, which knows no class of the application. */
@NullMarked
package example.library;

import org.jspecify.annotations.NullMarked;
