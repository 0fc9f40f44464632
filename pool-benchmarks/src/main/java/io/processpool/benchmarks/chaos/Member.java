package io.processpool.benchmarks.chaos;

import io.processpool.MapOptions;
import io.processpool.ProcessPool;
import io.processpool.ResultIterator;
import io.processpool.TaskFuture;
import io.processpool.WorkerSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;

/** One of the {@link Crowd}: does to the pool what comes to its mind, and keeps the book. */
final class Member extends Participant {

    private static final int MOST = 200;
    private static final int MOST_WORKERS = 4;

    private final ProcessPool pool;

    // Read when this thread has ended.
    private int resized;
    private int recycled;

    Member(
            int number,
            ProcessPool pool,
            Book book,
            Violations violations,
            SplittableRandom random,
            BooleanSupplier goesOn) {
        super("chaos-member-" + number, book, violations, random, goesOn);
        this.pool = pool;
    }

    /** Does one thing, whatever comes to its mind. */
    @Override
    boolean act() throws InterruptedException {
        switch (random.nextInt(12)) {
            case 0 -> {
                pool.resize(1 + random.nextInt(MOST_WORKERS));
                resized++;
            }
            case 1 -> recycle();
            case 2, 3, 4, 5 -> submitAndCancel();
            case 6, 7 -> map();
            case 8, 9 -> iterate();
            default -> apply();
        }
        return true;
    }

    private void recycle() {
        if (random.nextInt(4) == 0) {
            pool.recycleAll();
            recycled++;
            return;
        }
        List<WorkerSnapshot> workers = pool.activeChildren();
        if (workers.isEmpty()) {
            return;
        }
        try {
            pool.recycle(workers.get(random.nextInt(workers.size())).id());
            recycled++;
        } catch (IllegalArgumentException e) {
            return; // it has gone meanwhile
        }
    }

    private List<Long> orders() {
        int count = 1 + random.nextInt(MOST);
        int first = book.reserve(count);
        List<Long> orders = new ArrayList<>();
        if (first >= 0) {
            for (int id = first; id < first + book.had(first, count); id++) {
                orders.add(Order.of(id, random.nextInt(random.nextInt(20) == 0 ? 5_000 : 50)));
            }
        }
        return orders;
    }

    private void apply() {
        for (long order : orders()) {
            book.answered(order, pool.apply(Work::answer, order));
        }
    }

    private void map() {
        List<Long> orders = orders();
        List<Long> answers = pool.map(Work::answer, orders);
        for (int i = 0; i < orders.size(); i++) {
            book.answered(orders.get(i), answers.get(i));
        }
    }

    /** Reads a lazy map, sometimes only a part of it. */
    private void iterate() {
        List<Long> orders = orders();
        int read = random.nextBoolean() ? orders.size() : random.nextInt(orders.size() + 1);
        MapOptions options = MapOptions.defaults().maxInFlight(1 + random.nextInt(100));
        try (ResultIterator<Long> results = pool.imap(Work::answer, orders, options)) {
            for (int i = 0; i < read; i++) {
                book.answered(orders.get(i), results.next());
            }
        }
        orders.subList(read, orders.size()).forEach(book::endedUnseen);
    }

    /** Dependent stages keep the book; the futures must tell the same. */
    private void submitAndCancel() throws InterruptedException {
        List<Long> orders = orders();
        List<TaskFuture<Long>> futures = new ArrayList<>();
        boolean[] cancelled = new boolean[orders.size()];
        for (long order : orders) {
            TaskFuture<Long> future = pool.applyAsync(Work::answer, order);
            future.whenComplete((answer, failure) -> {
                if (failure == null) {
                    book.answered(order, answer);
                } else if (failure instanceof CancellationException) {
                    book.cancelled(order);
                } else {
                    book.failed(order, failure);
                }
            });
            futures.add(future);
            if (random.nextInt(4) == 0) {
                int which = random.nextInt(futures.size());
                cancelled[which] |= futures.get(which).cancel(random.nextBoolean());
            }
        }
        for (int i = 0; i < futures.size(); i++) {
            check(orders.get(i), futures.get(i), cancelled[i]);
        }
    }

    private void check(long order, TaskFuture<Long> future, boolean cancelled) throws InterruptedException {
        boolean wasCancelled = false;
        try {
            long answer = future.get();
            if (answer != Order.answer(order)) {
                violations.note("task " + Order.id(order) + " has a wrong value in its future");
            }
        } catch (CancellationException e) {
            wasCancelled = true;
        } catch (ExecutionException e) {
            return; // examined where its dependent stage hears of it
        }
        if (wasCancelled != cancelled || future.isCancelled() != cancelled) {
            violations.note(
                    "task " + Order.id(order) + ": cancel() said " + cancelled + ", its end says " + wasCancelled);
        }
    }

    int resized() {
        return resized;
    }

    int recycled() {
        return recycled;
    }
}
