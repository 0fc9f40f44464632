/**
 * What runs inside the worker processes: the only code that opens a PDF. It sees nothing of Spring, the console or the
 * job, only a request that was sent to it.
 */
@NullMarked
package io.processpool.sample.worker;

import org.jspecify.annotations.NullMarked;
