package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.PrintWriter;
import java.io.Serial;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** Exceptions of tasks: rows D of the conformance list. */
abstract class ErrorsContract extends PoolContract {

    ErrorsContract(Mode mode) {
        super(mode);
    }

    static Object deepInTheTask(Throwable failure) throws Exception {
        throw Tasks.sneaky(failure);
    }

    /** Makes, in the worker, what is to be thrown. */
    @FunctionalInterface
    interface Maker extends java.io.Serializable {
        Throwable make() throws Exception;
    }

    private static TaskFailedException fail(ProcessPool pool, Maker maker) {
        Throwable failure = catchThrowable(() -> pool.apply(() -> deepInTheTask(maker.make())));
        assertThat(failure).isInstanceOf(TaskFailedException.class);
        return (TaskFailedException) failure;
    }

    // D1, D15
    @Test
    void apply_taskThrows_causeIsTheOriginalWithItsRemoteStack() {
        try (ProcessPool pool = builder().workers(1).name("errors").build()) {
            TaskFailedException failure = fail(pool, () -> new IllegalArgumentException("bad input 17"));

            assertThat(failure)
                    .hasMessageContainingAll("IllegalArgumentException", "bad input 17", "pool=errors", "worker=0");
            assertThat(failure.getCause())
                    .isExactlyInstanceOf(IllegalArgumentException.class)
                    .hasMessage("bad input 17");
            assertThat(failure.getCause().getStackTrace())
                    .as("the remote stack")
                    .extracting(StackTraceElement::getClassName)
                    .contains(ErrorsContract.class.getName())
                    .noneMatch(name -> name.startsWith("org.junit"));
            assertThat(failure.getStackTrace())
                    .as("the stack of the caller")
                    .extracting(StackTraceElement::getMethodName)
                    .contains("apply_taskThrows_causeIsTheOriginalWithItsRemoteStack");
            StringWriter printed = new StringWriter();
            failure.printStackTrace(new PrintWriter(printed, true));
            assertThat(printed.toString())
                    .contains("Caused by: java.lang.IllegalArgumentException: bad input 17")
                    .contains("ErrorsContract");
        }
    }

    // D1: the handle wraps once more, as futures do
    @Test
    void applyAsync_taskThrows_getWrapsItInAnExecutionException() {
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Object> future = pool.applyAsync(() -> deepInTheTask(new IOException("no disk")));

            assertThatThrownBy(future::get)
                    .isExactlyInstanceOf(ExecutionException.class)
                    .cause()
                    .isExactlyInstanceOf(TaskFailedException.class)
                    .cause()
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("no disk");
        }
    }

    // D14, D15
    @Test
    void apply_throwablesOfAllKinds_arriveWithCausesAndSuppressed() {
        try (ProcessPool pool = pool(1)) {
            assertThat(fail(pool, () -> new Exception("checked")).getCause()).isExactlyInstanceOf(Exception.class);
            assertThat(fail(pool, () -> new AssertionError("error")).getCause())
                    .isExactlyInstanceOf(AssertionError.class);
            assertThat(fail(pool, () -> new Throwable("bare")).getCause()).isExactlyInstanceOf(Throwable.class);
            assertThat(fail(pool, () -> new StackOverflowError("deep")).getCause())
                    .isExactlyInstanceOf(StackOverflowError.class);
            assertThat(fail(pool, () -> new NoClassDefFoundError("some/Missing"))
                            .getCause())
                    .isExactlyInstanceOf(NoClassDefFoundError.class);
            assertThat(fail(pool, () -> new InterruptedException("of the task")).getCause())
                    .isExactlyInstanceOf(InterruptedException.class);
            assertThat(fail(pool, NullPointerException::new).getCause())
                    .isExactlyInstanceOf(NullPointerException.class)
                    .hasMessage(null);

            TaskFailedException failure = fail(pool, () -> {
                Exception outer = new UncheckedIOException("outer", new IOException("inner"));
                outer.addSuppressed(new IllegalStateException("suppressed"));
                return outer;
            });
            assertThat(failure.getCause())
                    .isExactlyInstanceOf(UncheckedIOException.class)
                    .hasMessage("outer")
                    .hasRootCauseExactlyInstanceOf(IOException.class)
                    .hasRootCauseMessage("inner");
            assertThat(failure.getCause().getSuppressed())
                    .singleElement()
                    .isExactlyInstanceOf(IllegalStateException.class);
            assertThat(failure.getCause().getCause().getStackTrace())
                    .extracting(StackTraceElement::getClassName)
                    .anyMatch(name -> name.startsWith(ErrorsContract.class.getName()));
        }
    }

    @Test
    void apply_realStackOverflow_failsThatTaskOnly() {
        try (ProcessPool pool = pool(1)) {
            assertThatThrownBy(() -> pool.apply(ErrorsContract::recurse, 1))
                    .isInstanceOf(TaskFailedException.class)
                    .hasCauseInstanceOf(StackOverflowError.class);
            int next = pool.apply(Tasks::square, 3);
            assertThat(next).isEqualTo(9);
            assertThat(pool.snapshot().workersLost()).isZero();
        }
    }

    @SuppressWarnings("InfiniteRecursion")
    private static int recurse(int n) {
        return recurse(n + 1) + 1;
    }

    // D2
    @Test
    void map_sourceThrows_isNotTakenForARemoteFailure() {
        IllegalStateException ofSource = new IllegalStateException("local");
        try (ProcessPool pool = pool(1)) {
            Iterable<Integer> source = io.processpool.testing.Sources.throwingInNext(1, ofSource);

            assertThatThrownBy(() -> pool.map(Tasks::square, source))
                    .isSameAs(ofSource)
                    .hasNoCause();
            ResultIterator<Integer> results = pool.imap(Tasks::square, source);
            results.next();
            assertThatThrownBy(results::next).isSameAs(ofSource).hasNoCause();
            assertThat(ofSource.getStackTrace()[0].getMethodName())
                    .isEqualTo("map_sourceThrows_isNotTakenForARemoteFailure");
        }
    }

    /** Cannot be written: it holds something that cannot. */
    static final class Unwritable extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("serial")
        private final Object handle = new Object();

        Unwritable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    @Test
    void apply_exceptionNotSerializable_remoteExceptionCarriesAllThatIsText() {
        try (ProcessPool pool = pool(1)) {
            TaskFailedException failure = fail(pool, () -> new Unwritable("holds a handle", new IOException("why")));

            assertThat(failure).hasMessageContainingAll("Unwritable", "holds a handle");
            assertThat(failure.getCause()).isInstanceOfSatisfying(RemoteException.class, remote -> {
                assertThat(remote.className()).isEqualTo(Unwritable.class.getName());
                assertThat(remote.originalMessage()).isEqualTo("holds a handle");
                assertThat(remote.getStackTrace())
                        .extracting(StackTraceElement::getClassName)
                        .contains(ErrorsContract.class.getName());
                assertThat(remote.getCause()).isInstanceOfSatisfying(RemoteException.class, cause -> {
                    assertThat(cause.className()).isEqualTo(IOException.class.getName());
                    assertThat(cause.originalMessage()).isEqualTo("why");
                });
            });
        }
    }

    @Test
    void apply_causeNotSerializable_onlyTheCauseIsReplaced() {
        try (ProcessPool pool = pool(1)) {
            TaskFailedException failure =
                    fail(pool, () -> new IllegalStateException("fine", new Unwritable("not fine", null)));

            assertThat(failure.getCause())
                    .isExactlyInstanceOf(IllegalStateException.class)
                    .hasMessage("fine")
                    .cause()
                    .isInstanceOfSatisfying(
                            RemoteException.class,
                            remote -> assertThat(remote.className()).isEqualTo(Unwritable.class.getName()));
        }
    }

    /** Can be read in the worker only. */
    static final class Unreadable extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        Unreadable(String message) {
            super(message);
        }

        @Serial
        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            if (!Tasks.inWorker()) {
                throw new IllegalStateException("refuses to be read here");
            }
        }
    }

    // the parent's side of the crash matrix: an exception that cannot be rebuilt must hurt nobody
    @Test
    void apply_exceptionCannotBeReadHere_remoteExceptionStandsIn() {
        try (ProcessPool pool = pool(1)) {
            TaskFailedException failure = fail(pool, () -> new Unreadable("written, not read"));

            assertThat(failure.getCause()).isInstanceOfSatisfying(RemoteException.class, remote -> {
                assertThat(remote.className()).isEqualTo(Unreadable.class.getName());
                assertThat(remote.originalMessage()).isEqualTo("written, not read");
                assertThat(remote.getStackTrace()).isNotEmpty();
            });
            int next = pool.apply(Tasks::square, 3);
            assertThat(next).isEqualTo(9);
        }
    }

    static final class Mute extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("says nothing");
        }
    }

    @Test
    void apply_maliciousExceptions_failTheirTaskOnly() {
        try (ProcessPool pool = pool(1)) {
            assertThatThrownBy(() -> pool.apply(() -> deepInTheTask(new Mute())))
                    .isInstanceOf(ProcessPoolException.class);

            TaskFailedException circular = fail(pool, () -> {
                Exception one = new Exception("one");
                Exception two = new Exception("two", one);
                one.initCause(two);
                return one;
            });
            assertThat(circular.getCause()).hasMessage("one");
            assertThat(circular.getCause().getCause()).hasMessage("two");

            TaskFailedException endless = fail(pool, () -> {
                Throwable chain = new Exception("root");
                for (int i = 0; i < 10_000; i++) {
                    chain = new Exception("link " + i, chain);
                }
                return chain;
            });
            assertThat(endless).hasMessageContaining("link 9999");

            TaskFailedException wordy = fail(pool, () -> new Exception("x".repeat(3_000_000)));
            assertThat(wordy.getCause().getMessage()).startsWith("xxxxxxxxxx");

            int next = pool.apply(Tasks::square, 3);
            assertThat(next).isEqualTo(9);
            assertThat(pool.snapshot().workersLost()).isZero();
        }
    }

    @Test
    void apply_taskThrowsAnExceptionOfThePool_isTheTasksFailureAllTheSame() {
        try (ProcessPool pool = pool(1)) {
            List<Maker> makers = List.of(
                    () -> new TaskSerializationException("made up", null),
                    () -> new TaskTimeoutException("made up", null),
                    () -> new PoolClosedException("made up", null),
                    () -> new TaskFailedException("made up", null),
                    () -> new ProcessPoolException("made up"));
            for (Maker maker : makers) {
                assertThat(fail(pool, maker).getCause())
                        .isInstanceOf(ProcessPoolException.class)
                        .hasMessage("made up");
            }
        }
    }

    @Test
    void applyAsync_taskThrowsACancellation_isNotTakenForCancelled() {
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Object> future = pool.applyAsync(() -> deepInTheTask(new CancellationException("of the task")));

            assertThat(failureOf(future))
                    .isInstanceOf(TaskFailedException.class)
                    .hasCauseExactlyInstanceOf(CancellationException.class);
            assertThat(future.isCancelled()).isFalse();
            assertThat(pool.snapshot().tasksFailed()).isEqualTo(1);
            assertThat(pool.snapshot().tasksCancelled()).isZero();
        }
    }

    // D12
    @Test
    void getTwice_sameTask_sameFailureWithoutGrowth() {
        try (ProcessPool pool = pool(1)) {
            TaskFuture<Object> future = pool.applyAsync(() -> deepInTheTask(new Exception("once")));

            Throwable first = failureOf(future);
            int depth = first.getCause().getStackTrace().length;
            for (int i = 0; i < 5; i++) {
                assertThat(failureOf(future)).isSameAs(first);
            }
            assertThat(first.getCause().getStackTrace()).hasSize(depth);
            assertThat(first.getSuppressed()).isEmpty();
        }
    }
}
