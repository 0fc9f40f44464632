package io.processpool.benchmarks.compare;

import io.processpool.benchmarks.compare.peer.Contestant;
import io.processpool.benchmarks.compare.peer.Work;
import java.util.List;

/** All experiments, in the order in which they run: first those that share the peers. */
final class Catalogue {

    private Catalogue() {}

    static List<String> ids() {
        return all().stream().map(Experiment::id).toList();
    }

    static List<Experiment> all() {
        return List.of(
                new Rounds(
                        "submit",
                        Work.SUBMIT,
                        new Row(
                                "applyAsync tiny, submit all then get",
                                Unit.TASKS_PER_SECOND,
                                Target.atLeast(20, Contestant.PP4J),
                                Target.atLeast(12, Contestant.PYTHON))),
                new Rounds(
                        "unordered",
                        Work.UNORDERED,
                        new Row(
                                "imapUnordered tiny, no chunk size",
                                Unit.ITEMS_PER_SECOND,
                                Target.atLeast(50, Contestant.PYTHON))),
                new Rounds(
                        "unordered64",
                        Work.UNORDERED_64,
                        new Row(
                                "imapUnordered tiny, Python told chunksize=64",
                                Unit.ITEMS_PER_SECOND,
                                Target.atLeast(1, Contestant.PYTHON))),
                new Rounds(
                        "map",
                        Work.MAP,
                        new Row(
                                "map tiny, no chunk size",
                                Unit.ITEMS_PER_SECOND,
                                Target.atLeast(1.5, Contestant.PYTHON))),
                new Rounds(
                        "trip",
                        Work.TRIP,
                        new Row(
                                "apply round trip",
                                Unit.MICROSECONDS,
                                Target.atMost(4, Contestant.THREADS),
                                Target.atMost(0.125, Contestant.PYTHON))),
                new Rounds(
                        "echo",
                        Work.ECHO,
                        new Row(
                                "1 MiB byte[] there and back",
                                Unit.ECHOES_PER_SECOND,
                                Target.atLeast(8, Contestant.PYTHON),
                                Target.atLeast(0.5, Contestant.RAW))),
                new Rounds(
                        "millisecond",
                        Work.MILLISECOND,
                        new Row("tasks of 1 ms", Unit.PERCENT_OF_IDEAL, Target.atLeast(97, Unit.PERCENT_OF_IDEAL))),
                new Rounds(
                        "mixed",
                        Work.MIXED,
                        new Row(
                                "tasks of 0 to 20 ms, heavy tail",
                                Unit.PERCENT_OF_IDEAL,
                                Target.atLeast(97, Unit.PERCENT_OF_IDEAL))),
                new Rounds(
                        "start",
                        Work.START,
                        new Row(
                                "create(2) to the first result",
                                Unit.MILLISECONDS,
                                Target.atMost(1.3, Contestant.RAW))),
                new Rounds("first", Work.FIRST_START, new Row("the same, the first time of all", Unit.MILLISECONDS)),
                new IdleExperiment(),
                new KillExperiment(),
                new MemoryExperiment(),
                new WorkersExperiment(),
                new QueueExperiment());
    }
}
