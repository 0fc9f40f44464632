package io.processpool;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** A listener that keeps what it hears about workers. */
final class RecordedEvents implements PoolListener {

    /** What happened to a worker. */
    enum Kind {
        STARTED,
        READY,
        LOST,
        RETIRED,
        START_FAILED,
        ZOMBIE
    }

    /** An event; the detail is the reason of a retirement or failure. */
    record Event(Kind kind, WorkerSnapshot worker, Object detail) {
        boolean is(Kind other) {
            return kind == other;
        }

        @Override
        public String toString() {
            return kind + " " + worker.id() + "." + worker.generation() + " (pid " + worker.pid() + ") " + detail;
        }
    }

    private final List<Event> events = new CopyOnWriteArrayList<>();

    List<Event> all() {
        return events;
    }

    List<Event> all(Kind kind) {
        return events.stream().filter(event -> event.is(kind)).toList();
    }

    /** Waits for an event and returns the first such. */
    Event expect(Kind kind, Predicate<Event> which) {
        return await(kind + " among " + events)
                .atMost(Lifecycle.PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .until(
                        () -> events.stream()
                                .filter(e -> e.is(kind) && which.test(e))
                                .findFirst(),
                        found -> found.isPresent())
                .orElseThrow();
    }

    /** Waits for an event about the worker with this pid. */
    Event expect(Kind kind, long pid) {
        return expect(kind, event -> event.worker().pid() == pid);
    }

    /** Returns the place of an event in the order of arrival, or -1. */
    int position(Kind kind, long pid) {
        List<Event> now = List.copyOf(events);
        for (int i = 0; i < now.size(); i++) {
            if (now.get(i).is(kind) && now.get(i).worker().pid() == pid) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public void workerStarted(WorkerSnapshot worker) {
        events.add(new Event(Kind.STARTED, worker, ""));
    }

    @Override
    public void workerReady(WorkerSnapshot worker, Duration startup) {
        events.add(new Event(Kind.READY, worker, startup));
    }

    @Override
    public void workerLost(WorkerSnapshot worker, WorkerLostException reason) {
        events.add(new Event(Kind.LOST, worker, reason));
    }

    @Override
    public void workerRetired(WorkerSnapshot worker, RetireReason reason) {
        events.add(new Event(Kind.RETIRED, worker, reason));
    }

    @Override
    public void workerStartFailed(WorkerSnapshot worker, WorkerStartException reason) {
        events.add(new Event(Kind.START_FAILED, worker, reason));
    }

    @Override
    public void workerZombie(WorkerSnapshot worker) {
        events.add(new Event(Kind.ZOMBIE, worker, ""));
    }
}
