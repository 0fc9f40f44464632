package io.processpool.internal.engine;

import io.processpool.LossReason;

/**
 * Why the pool gives a worker up.
 *
 * @param kind the kind of reason
 * @param text what the worker did, to follow "since it"
 */
record KillReason(LossReason kind, String text) {

    @Override
    public String toString() {
        return text;
    }
}
