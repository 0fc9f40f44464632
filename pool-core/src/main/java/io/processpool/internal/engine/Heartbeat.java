package io.processpool.internal.engine;

import java.security.SecureRandom;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Tells whether a worker reads what it is sent: each question has a number that nobody can guess, and only who has read it
 * can answer with it. Questions are asked by one thread at a time, and answered by another.
 */
final class Heartbeat {

    /** More are not on their way at once: a worker that leaves four without an answer is given up. */
    private static final int MAX_ASKED = 8;

    private static final SecureRandom RANDOM = new SecureRandom();

    /** The oldest first. */
    private final Queue<Long> asked = new ConcurrentLinkedQueue<>();

    /** Returns the number of a new question. */
    long ask() {
        long nonce = RANDOM.nextLong();
        asked.add(nonce);
        if (asked.size() > MAX_ASKED) {
            asked.poll();
        }
        return nonce;
    }

    /** Whether this is the answer to a question that has none yet; those asked before it get none any more. */
    boolean isAnswer(long nonce) {
        if (!asked.contains(nonce)) {
            return false;
        }
        Long before = asked.poll();
        while (before != null && before != nonce) {
            before = asked.poll();
        }
        return true;
    }
}
