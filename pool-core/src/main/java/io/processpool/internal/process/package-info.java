/**
 * Worker processes: how one is launched, watched, killed and reaped. What it says over its socket is not known here.
 *
 * <pre>
 *   caller                     this package                                       worker process
 *   ------                     ------------                                       --------------
 *   launch(slot, bytes) --&gt; ProcessLauncher
 *                             ClassPathResolver  where the classes are
 *                             CommandLine        prefix, java, &#64;argfile   --&gt;    argv
 *                             WorkerEnvironment  scrubbed, marked         --&gt;    environ
 *                             OwnTemp            mode 0700, goes with it  --&gt;    java.io.tmpdir
 *                             PrivateUmask       a shell that execs       --&gt;    umask 077
 *                             Spawner            start, with a deadline   --&gt;    fork, exec
 *                          ChildProcess
 *                             stdin feeder       the bytes, then EOF      --&gt;    stdin
 *   log, stderrTail()  &lt;--   OutputPump (2)     lines, escaped, cut      &lt;--    stdout, stderr
 *   onExit()           &lt;--   reaper             waits, sweeps orphans    &lt;--    exit
 *   kill()             --&gt;   Platform           SIGKILL, whole tree      --&gt;    process, descendants
 *   describeExit()     &lt;--   ExitDescription    why it ended             &lt;--    exit code, hs_err file
 * </pre>
 */
@NullMarked
package io.processpool.internal.process;

import org.jspecify.annotations.NullMarked;
