package io.processpool.benchmarks.compare;

import io.processpool.benchmarks.compare.peer.Contestant;
import io.processpool.benchmarks.compare.peer.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The peers that run, each started when it is first needed. Only for the thread that compares. */
final class Session implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final Map<Contestant, Peer> running = new EnumMap<>(Contestant.class);
    private final Map<Contestant, String> failures = new EnumMap<>(Contestant.class);
    private final Set<Contestant> present;
    private final List<String> absent = new ArrayList<>();
    private Bounded bounded = new Bounded();

    Session(Set<Contestant> wanted) {
        present = EnumSet.copyOf(wanted);
        for (Contestant contestant : wanted) {
            String reason = contestant.absent();
            if (reason != null) {
                present.remove(contestant);
                absent.add(contestant.label() + " is left out: " + reason);
            }
        }
    }

    /** Returns who takes part. */
    Set<Contestant> present() {
        return present;
    }

    /** Returns a sentence for each peer that was wanted and is not there. */
    List<String> absent() {
        return absent;
    }

    /** Something to do with a peer. */
    interface Use<R> {
        R with(Peer peer) throws Exception;
    }

    /** Does something with a peer, in bounded time; a peer that fails or hangs is ended, noted, and yields null. */
    <R> @Nullable R use(Contestant contestant, Use<R> use) {
        try {
            return within(LIMIT, () -> use.with(peer(contestant)));
        } catch (Exception e) {
            failures.put(contestant, contestant.label() + " failed: " + e);
            end(contestant);
            return null;
        }
    }

    /** Runs something on the thread that all work is submitted from, in bounded time. */
    <R> R within(Duration limit, Callable<R> call) throws Exception {
        try {
            return bounded.call(call, limit);
        } finally {
            if (bounded.isStuck()) {
                bounded = new Bounded();
            }
        }
    }

    private Peer peer(Contestant contestant) throws Exception {
        Peer peer = running.get(contestant);
        if (peer == null) {
            peer = contestant.open();
            running.put(contestant, peer);
        }
        return peer;
    }

    /** Returns what failed since the last call. */
    String takeFailures() {
        String all = String.join("; ", failures.values());
        failures.clear();
        return all;
    }

    private void end(Contestant contestant) {
        Peer peer = running.remove(contestant);
        if (peer != null) {
            peer.close();
        }
    }

    /** Ends all peers; who is needed again is started again. */
    void endPeers() {
        for (Contestant contestant : List.copyOf(running.keySet())) {
            end(contestant);
        }
    }

    @Override
    public void close() {
        endPeers();
        bounded.close();
    }
}
