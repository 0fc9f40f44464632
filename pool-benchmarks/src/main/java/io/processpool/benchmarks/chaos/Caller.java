package io.processpool.benchmarks.chaos;

import io.processpool.MapOptions;
import io.processpool.ProcessPool;
import io.processpool.ProcessPoolException;
import io.processpool.ResultIterator;
import io.processpool.TaskFuture;
import io.processpool.TaskOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;

/** A thread that gives the pools work in all ways that there are, checks the answers, and keeps the book. */
final class Caller extends Participant {

    private static final int SINGLE = 30;
    private static final int MANY = 3_000;

    /** When a task of a map fails, its other results are not to be had. */
    private static final int MAPPED = 300;

    private static final int BYTES = 200_000;
    private static final Duration HANG_LIMIT = Duration.ofMillis(300);
    private static final int RETRIES = 2;

    private final List<Arena> arenas;

    /** The orders that are under way in a call. */
    private List<Long> orders = List.of();

    Caller(
            int number,
            List<Arena> arenas,
            Book book,
            Violations violations,
            SplittableRandom random,
            BooleanSupplier goesOn) {
        super("chaos-caller-" + number, book, violations, random, goesOn);
        this.arenas = arenas;
    }

    /** Makes a call of some kind. */
    @Override
    boolean act() throws InterruptedException {
        Arena arena = arenas.get(random.nextInt(arenas.size()));
        int way = random.nextInt(9);
        int count = 1 + random.nextInt(way < 2 ? SINGLE : way == 4 || way == 5 ? MAPPED : MANY);
        int first = book.reserve(count);
        if (first < 0) {
            return false;
        }
        List<Long> drawn = new ArrayList<>();
        for (int id = first; id < first + book.had(first, count); id++) {
            drawn.add(Order.of(id, random));
        }
        orders = drawn;
        ProcessPool pool = arena.pool();
        switch (way) {
            case 0 -> apply(pool);
            case 1 -> echo(pool);
            case 2, 3 -> applyAsync(arena);
            case 4 -> map(() -> pool.map(Work::answer, orders, options()));
            case 5 -> map(() -> get(pool.starmapAsync(Work::answerOfTwo, pairs(), options())));
            case 6 -> imap(pool.imap(Work::answer, orders, options()));
            case 7 -> imap(pool.istarmap(Work::answerOfTwo, pairs(), options()));
            default -> imapUnordered(pool.imapUnordered(Work::answer, orders, options()));
        }
        return true;
    }

    private MapOptions options() {
        MapOptions options = MapOptions.defaults();
        if (random.nextInt(3) == 0) {
            options = options.chunkSize(1 + random.nextInt(50));
        }
        if (random.nextInt(3) == 0) {
            options = options.maxInFlight(1 + random.nextInt(300));
        }
        return options;
    }

    private List<Map.Entry<Integer, Integer>> pairs() {
        return orders.stream()
                .map(order -> Map.entry(Order.id(order), Order.micros(order)))
                .toList();
    }

    private void apply(ProcessPool pool) {
        for (long order : orders) {
            settle(order, () -> pool.apply(Work::answer, order), answer -> answer);
        }
    }

    private void echo(ProcessPool pool) {
        for (long order : orders) {
            byte[] bytes = new byte[Long.BYTES + random.nextInt(BYTES)];
            byte last = (byte) order;
            bytes[bytes.length - 1] = last;
            ByteBuffer.wrap(bytes).putLong(0, order);
            int length = bytes.length;
            settle(order, () -> pool.apply(Work::echo, bytes), result -> {
                boolean whole = result.length == length && (length == Long.BYTES || result[length - 1] == last);
                return whole ? ByteBuffer.wrap(result).getLong(0) : 0;
            });
        }
    }

    /** A blocking call. */
    private interface Call<R> {
        R make() throws Exception;
    }

    private <R> void settle(long order, Call<R> call, ToLongFunction<R> answer) {
        R result;
        try {
            result = call.make();
        } catch (Exception e) {
            book.failed(order, e);
            return;
        }
        book.answered(order, answer.applyAsLong(result));
    }

    /** The ends are heard of by dependent stages, and read as well. */
    private void applyAsync(Arena arena) throws InterruptedException {
        List<TaskFuture<Long>> futures = new ArrayList<>();
        for (long drawn : orders) {
            long order = drawn;
            TaskOptions options = TaskOptions.defaults();
            if (random.nextInt(10) == 0) {
                options = options.retries(RETRIES);
                book.mayRetry(Order.id(order), RETRIES);
            } else if (arena.endsWhatHangs() && random.nextInt(500) == 0) {
                order = Order.hanging(Order.id(order), random.nextBoolean());
                options = options.timeout(HANG_LIMIT);
            }
            long settled = order;
            TaskFuture<Long> future = arena.pool().applyAsync(Work::answer, order, options);
            future.whenComplete((answer, failure) -> {
                if (failure == null) {
                    book.answered(settled, answer);
                } else {
                    book.failed(settled, failure);
                }
            });
            futures.add(future);
        }
        for (int i = 0; i < futures.size(); i++) {
            try {
                long answer = futures.get(i).get();
                if (answer != Order.answer(orders.get(i))) {
                    violations.note("task " + Order.id(orders.get(i)) + " has a wrong value in its future");
                }
            } catch (ExecutionException e) {
                continue; // examined where its dependent stage hears of it
            }
        }
    }

    private static <R> R get(TaskFuture<R> future) throws Exception {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private void map(Call<List<Long>> call) {
        List<Long> answers;
        try {
            answers = call.make();
        } catch (Exception e) {
            mapFailed(e);
            return;
        }
        if (answers.size() != orders.size()) {
            violations.note("a map of " + orders.size() + " tasks has " + answers.size() + " results");
        }
        for (int i = 0; i < Math.min(answers.size(), orders.size()); i++) {
            book.answered(orders.get(i), answers.get(i));
        }
    }

    /** The first failure by index, the others suppressed; which tasks they are of does not matter here. */
    private void mapFailed(Exception first) {
        List<Throwable> failures = new ArrayList<>();
        failures.add(first);
        for (Throwable suppressed : first.getSuppressed()) {
            if (suppressed instanceof ProcessPoolException) {
                failures.add(suppressed);
            }
        }
        for (int i = 0; i < orders.size(); i++) {
            if (i < failures.size()) {
                book.failed(orders.get(i), failures.get(i));
            } else {
                book.endedUnseen(orders.get(i));
            }
        }
    }

    private void imap(ResultIterator<Long> results) {
        try (results) {
            for (long order : orders) {
                settle(order, results::next, answer -> answer);
            }
            if (results.hasNext()) {
                violations.note("a lazy map has more results than tasks");
            }
        }
    }

    private void imapUnordered(ResultIterator<Long> results) {
        Map<Long, Long> open = new HashMap<>();
        for (long order : orders) {
            open.put(Order.answer(order), order);
        }
        List<Exception> failures = new ArrayList<>();
        try (results) {
            while (results.hasNext()) {
                takeNext(results, open, failures);
            }
        } catch (NoSuchElementException e) {
            violations.note("a lazy map has promised a result and had none");
        }
        if (failures.size() != open.size()) {
            violations.note("a lazy map has " + failures.size() + " failures, and " + open.size()
                    + " of its tasks have no result");
        }
        int i = 0;
        for (long order : open.values()) {
            if (i < failures.size()) {
                book.failed(order, failures.get(i++));
            }
        }
    }

    private void takeNext(ResultIterator<Long> results, Map<Long, Long> open, List<Exception> failures) {
        long answer;
        try {
            answer = results.next();
        } catch (ProcessPoolException e) {
            failures.add(e);
            return;
        }
        Long order = open.remove(answer);
        if (order == null) {
            violations.note("a lazy map has a wrong result, or one twice: " + answer);
        } else {
            book.answered(order, answer);
        }
    }
}
