package io.processpool.benchmarks.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.TaskTimeoutException;
import io.processpool.WorkerExit;
import io.processpool.WorkerLostException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An account that cannot find a fault would be worth nothing: each kind of fault is found. */
class BookTests {

    private final Blame blame = new Blame();
    private final Violations violations = new Violations();
    private final Book book = new Book(3, blame, violations);

    private static WorkerLostException loss(long pid) {
        return new WorkerLostException("lost", new WorkerExit(0, pid, 137, "SIGKILL", List.of(), null));
    }

    private static long order(int id) {
        return Order.of(id, 10);
    }

    private void settleAllButTheFirst() {
        assertThat(book.reserve(3)).isZero();
        book.answered(order(1), Order.answer(order(1)));
        book.answered(order(2), Order.answer(order(2)));
    }

    private void audit() {
        book.audit(id -> 1);
    }

    @Test
    void allRight_noViolation() {
        settleAllButTheFirst();
        book.answered(order(0), Order.answer(order(0)));
        audit();

        assertThat(violations.count()).isZero();
        assertThat(book.right()).isEqualTo(3);
        assertThat(book.ended()).isEqualTo(book.submitted());
    }

    @Test
    void lostTask_isFound() {
        settleAllButTheFirst();
        audit();

        assertThat(violations.first()).containsExactly("task 0 was lost: it has not ended");
    }

    @Test
    void taskThatEndsTwice_isFound() {
        settleAllButTheFirst();
        book.answered(order(0), Order.answer(order(0)));
        book.answered(order(0), Order.answer(order(0)));
        audit();

        assertThat(violations.first()).containsExactly("task 0 has ended twice");
    }

    @Test
    void wrongValue_isFound() {
        settleAllButTheFirst();
        book.answered(order(0), Order.answer(order(1)));
        audit();

        assertThat(violations.first()).containsExactly("task 0 has a wrong value");
    }

    @Test
    void taskThatBeganTwice_isFoundUnlessItMayBeTriedAgain() {
        settleAllButTheFirst();
        book.answered(order(0), Order.answer(order(0)));
        book.mayRetry(1, 1);
        book.audit(id -> 2);

        assertThat(violations.first())
                .containsExactly(
                        "task 0 has begun 2 times, with 0 retries", "task 2 has begun 2 times, with 0 retries");
    }

    @Test
    void failure_workerWasHit_isNoViolation() {
        settleAllButTheFirst();
        blame.hit(17, 1);
        book.failed(order(0), loss(17));
        audit();

        assertThat(violations.count()).isZero();
        assertThat(blame.lostTasks()).isEqualTo(1);
        assertThat(book.failures()).isEqualTo(1);
    }

    @Test
    void failure_workerWasNotHit_isFound() {
        settleAllButTheFirst();
        blame.hit(17, 1);
        book.failed(order(0), loss(18));

        assertThat(violations.first()).singleElement().asString().startsWith("a worker was lost that nobody has hit: ");
    }

    @Test
    void failure_twoTasksOfOneWorker_isFound() {
        assertThat(book.reserve(3)).isZero();
        blame.hit(17, 1);
        book.failed(order(0), loss(17));
        book.failed(order(1), loss(17));

        assertThat(violations.first())
                .singleElement()
                .asString()
                .startsWith("more than one task was lost with one worker: ");
    }

    @Test
    void failure_twoWorkersThatHadTheSamePid_isNoViolation() {
        assertThat(book.reserve(3)).isZero();
        blame.hit(17, 1);
        book.failed(order(0), loss(17));
        blame.hit(17, 2);
        blame.hit(17, 2);
        book.failed(order(1), loss(17));

        assertThat(violations.count()).isZero();
        assertThat(blame.hits()).isEqualTo(2);
        assertThat(blame.lostTasks()).isEqualTo(2);
    }

    @Test
    void failure_ofAnotherKind_isFound() {
        assertThat(book.reserve(3)).isZero();
        book.failed(order(0), new IllegalStateException("x"));

        assertThat(violations.first())
                .containsExactly("not the failure of a worker: " + new IllegalStateException("x"));
    }

    @Test
    void timeout_ofWorkerThatWasHit_isNoViolationAndOfAnotherIs() {
        assertThat(book.reserve(3)).isZero();
        blame.hit(17, 1);
        book.failed(order(0), new TaskTimeoutException("timed out (pool=p, worker=0, pid=17)", null));
        assertThat(violations.count()).isZero();

        book.failed(order(1), new TaskTimeoutException("timed out (pool=p, worker=0, pid=18)", null));
        assertThat(violations.count()).isEqualTo(1);
        assertThat(blame.timeouts()).isEqualTo(1);
    }

    @Test
    void hangingTask_mustTimeOut() {
        assertThat(book.reserve(3)).isZero();
        long timesOut = Order.hanging(0, true);
        long returns = Order.hanging(1, false);
        book.failed(timesOut, new TaskTimeoutException("timed out", null));
        assertThat(violations.count()).isZero();
        assertThat(book.timedOutAsTheyShould()).isEqualTo(1);

        book.answered(returns, Order.answer(returns));
        assertThat(violations.first()).containsExactly("task 1 has a wrong value");
    }

    @Test
    void loss_thatAPoolTellsOf_mustBeExplained() {
        blame.hit(17, 1);

        assertThat(blame.examineLoss(loss(17))).isNull();
        assertThat(blame.examineLoss(loss(18))).isNotNull();
    }

    @Test
    void reserve_atTheEnd_givesWhatIsLeft() {
        assertThat(book.reserve(2)).isZero();
        assertThat(book.reserve(2)).isEqualTo(2);
        assertThat(book.had(2, 2)).isEqualTo(1);
        assertThat(book.reserve(2)).isEqualTo(-1);
        assertThat(book.submitted()).isEqualTo(3);
    }
}
