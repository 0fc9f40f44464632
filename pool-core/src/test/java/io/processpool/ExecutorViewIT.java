package io.processpool;

/** The pool of processes as an {@link java.util.concurrent.ExecutorService}. */
class ExecutorViewIT extends ExecutorViewContract {

    ExecutorViewIT() {
        super(Mode.PROCESS);
    }
}
