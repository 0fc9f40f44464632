package io.processpool.spring.managed;

import io.processpool.TaskCallable;

/** A task that does nothing: its answer means that a worker is ready. It travels, so it refers to nothing of Spring. */
final class ReadyProbe implements TaskCallable<Boolean> {

    private static final long serialVersionUID = 1L;

    @Override
    public Boolean call() {
        return true;
    }
}
