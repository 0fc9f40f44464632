/** An application with pools, as its users pack and run it; the tests of packaging start it in JVMs of its own. */
@NullMarked
package example.shop;

import org.jspecify.annotations.NullMarked;
