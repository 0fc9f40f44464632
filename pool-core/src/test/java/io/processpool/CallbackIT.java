package io.processpool;

/** Callbacks on tasks in processes. */
class CallbackIT extends CallbackContract {

    CallbackIT() {
        super(Mode.PROCESS);
    }
}
