package io.processpool.benchmarks.compare;

import io.processpool.benchmarks.compare.peer.Contestant;
import java.util.Map;

/** Results as a run might have them. */
final class Results {

    private Results() {}

    /** Ours is 10 times as good as PP4J, and a hundredth of the thread pool. */
    static Result rate(Target... targets) {
        return new Result(
                new Row("tiny & many", Unit.TASKS_PER_SECOND, targets),
                Map.of(
                        Contestant.POOL, new Figure(10_000, 9_000, 12_000),
                        Contestant.THREADS, new Figure(1_000_000, 1_000_000, 1_000_000),
                        Contestant.PP4J, new Figure(1_000, 900, 1_100)),
                "");
    }

    /** Ours takes half as long as PP4J. */
    static Result time(Target... targets) {
        return new Result(
                new Row("round trip", Unit.MICROSECONDS, targets),
                Map.of(Contestant.POOL, new Figure(50, 40, 60), Contestant.PP4J, new Figure(100, 90, 110)),
                "");
    }

    /** Nobody but ours. */
    static Result alone(Target... targets) {
        return new Result(
                new Row("kill", Unit.MILLISECONDS, targets), Map.of(Contestant.POOL, new Figure(4, 2, 8)), "100 kills");
    }
}
