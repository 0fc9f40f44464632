/**
 * Archives of loaded classes (class-data sharing), with which workers start quicker: for what an archive is good, where
 * archives are kept, and who may make one. How workers are launched is not known here.
 *
 * <pre>
 *   WorkerRecipe       class path and options of the workers       --&gt; a key, the name of the archive
 *   PrivateDirectory   the user's own, and nobody else's           --&gt; ArchiveStore  finds, installs, tidies up
 *                                                                      TrainingLock  one training at a time
 * </pre>
 */
@NullMarked
package io.processpool.internal.archive;

import org.jspecify.annotations.NullMarked;
