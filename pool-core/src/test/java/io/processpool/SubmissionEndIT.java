package io.processpool;

/** Ends of submissions to a pool of processes. */
class SubmissionEndIT extends SubmissionEndContract {

    SubmissionEndIT() {
        super(Mode.PROCESS);
    }
}
