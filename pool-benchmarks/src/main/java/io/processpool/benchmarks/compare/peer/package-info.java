/** The pool and its peers, one class each, behind {@link io.processpool.benchmarks.compare.peer.Peer}. */
@NullMarked
package io.processpool.benchmarks.compare.peer;

import org.jspecify.annotations.NullMarked;
