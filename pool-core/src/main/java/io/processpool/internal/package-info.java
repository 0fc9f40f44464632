/** Implementation; not for use from outside. See {@code docs/architecture.md} for the layers. */
@NullMarked
package io.processpool.internal;

import org.jspecify.annotations.NullMarked;
