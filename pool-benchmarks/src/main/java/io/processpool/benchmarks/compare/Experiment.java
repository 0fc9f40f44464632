package io.processpool.benchmarks.compare;

import java.util.List;

/** Something that is measured in one go and yields one or more rows. */
interface Experiment {

    /** Returns the name for the command line. */
    String id();

    /** Measures. A peer that fails is noted and left out; only a failure of the experiment itself is thrown. */
    List<Result> run(Session session, Scale scale) throws Exception;

    /** Returns whether it uses the peers of the session, which are kept open until the last such experiment. */
    default boolean usesPeers() {
        return false;
    }
}
