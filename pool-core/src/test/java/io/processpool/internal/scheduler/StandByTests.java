package io.processpool.internal.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.TaskFunction;
import io.processpool.internal.wire.FunctionKind;
import io.processpool.internal.wire.Message;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A lane that stands by has the functions that are in use before it gets the first item. */
@Timeout(60)
class StandByTests {

    private final SchedulerFixture fixture = new SchedulerFixture();
    private final FakeWorker reserve = fixture.newWorker(Integer.MAX_VALUE, true);

    private FunctionRef function() {
        return fixture.scheduler
                .functions()
                .register((TaskFunction<Integer, Integer>) n -> n + 1, FunctionKind.FUNCTION);
    }

    private static List<Integer> functions(FakeWorker worker) {
        return worker.messages().stream()
                .filter(Message.Function.class::isInstance)
                .map(message -> ((Message.Function) message).id())
                .toList();
    }

    @Test
    void standBy_functionsInUse_areGivenToIt() throws Exception {
        FakeWorker worker = fixture.worker();
        FunctionRef used = function();
        fixture.submit(used, SchedulerFixture.settings());
        worker.run(1, 1);

        fixture.scheduler.standBy(reserve.lane());

        assertThat(functions(reserve)).containsExactly(used.id());
    }

    @Test
    void standBy_always_isTold() {
        fixture.scheduler.standBy(reserve.lane());

        assertThat(reserve.messages()).containsExactly(new Message.StandBy());
    }

    @Test
    void submit_newFunction_reachesThoseThatStandByAtOnce() {
        FakeWorker worker = fixture.worker();
        fixture.scheduler.standBy(reserve.lane());
        reserve.messages();
        FunctionRef later = function();

        fixture.submit(later, SchedulerFixture.settings());
        fixture.submit(later, SchedulerFixture.settings());

        assertThat(functions(worker)).containsExactly(later.id());
        assertThat(functions(reserve)).containsExactly(later.id());
    }

    @Test
    void open_afterStandBy_runsWithoutHearingOfTheFunctionAgain() throws Exception {
        fixture.scheduler.standBy(reserve.lane());
        FakeWorker worker = fixture.worker();
        FunctionRef function = function();
        RecordedJob first = fixture.submit(function, SchedulerFixture.settings());
        worker.run(1, 1);
        fixture.scheduler.lost(worker.lane(), null);

        fixture.scheduler.open(reserve.lane());
        RecordedJob second = fixture.submit(function, SchedulerFixture.settings());
        reserve.run(1, 1); // checks that it knows the function, and was told once

        assertThat(first.endings()).hasSize(1);
        assertThat(second.endings()).hasSize(1);
    }

    @Test
    void lost_whileItStandsBy_isTalkedToNoMore() {
        fixture.scheduler.standBy(reserve.lane());
        reserve.messages();
        fixture.worker();

        fixture.scheduler.lost(reserve.lane(), null);
        fixture.submit(function(), SchedulerFixture.settings());

        assertThat(reserve.messages()).isEmpty();
    }
}
