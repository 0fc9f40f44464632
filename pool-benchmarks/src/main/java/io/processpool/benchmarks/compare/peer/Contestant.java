package io.processpool.benchmarks.compare.peer;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who takes part in the comparison. */
public enum Contestant {
    /** This project's pool, as {@code create(2)} makes it. */
    POOL("ProcessPool", EnumSet.allOf(Work.class), PoolPeer::new),
    /** A thread pool in this JVM: what work costs without isolation. */
    THREADS(
            "thread pool",
            EnumSet.complementOf(EnumSet.of(Work.UNORDERED_64, Work.START, Work.FIRST_START)),
            ThreadPoolPeer::new),
    /** Python's {@code multiprocessing.Pool}. */
    PYTHON("Python Pool", EnumSet.complementOf(EnumSet.of(Work.FIRST_START)), () -> PythonPeer.start("pool")),
    /** Python's {@code concurrent.futures.ProcessPoolExecutor}. */
    EXECUTOR(
            "Python ProcessPoolExecutor",
            EnumSet.complementOf(EnumSet.of(Work.UNORDERED, Work.UNORDERED_64, Work.FIRST_START)),
            () -> PythonPeer.start("executor")),
    /** The only other process pool for the JVM that can be had as a library. */
    PP4J("PP4J 2.2", withoutMaps(Work.START), Pp4jPeer::new),
    /** Hazelcast's executor service: two member JVMs with one thread each, and a client. */
    HAZELCAST("Hazelcast 5.7", withoutMaps(), HazelcastPeer::new),
    /** Two JVMs and a Unix domain socket, nothing else: what the channel costs. */
    RAW("raw socket", EnumSet.of(Work.TRIP, Work.ECHO, Work.START, Work.FIRST_START), RawSocketPeer::new);

    private final String label;
    private final Set<Work> works;
    private final Opener opener;

    Contestant(String label, Set<Work> works, Opener opener) {
        this.label = label;
        this.works = works;
        this.opener = opener;
    }

    /** Starts a peer. */
    private interface Opener {
        Peer open() throws Exception;
    }

    private static Set<Work> withoutMaps(Work... more) {
        Set<Work> works = EnumSet.of(Work.SUBMIT, Work.TRIP, Work.ECHO, Work.MILLISECOND, Work.MIXED);
        works.addAll(Set.of(more));
        return works;
    }

    /** Returns the name for readers. */
    public String label() {
        return label;
    }

    /** Returns the name for the command line. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns what it can do. */
    public Set<Work> works() {
        return works;
    }

    /** Returns why it cannot take part on this machine, or null. */
    public @Nullable String absent() {
        return this == PYTHON || this == EXECUTOR ? PythonPeer.absent() : null;
    }

    /** Starts it. */
    public Peer open() throws Exception {
        return opener.open();
    }
}
