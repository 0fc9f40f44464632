package io.processpool.spring.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.processpool.ProcessPool;
import io.processpool.ProcessPoolException;
import io.processpool.TaskOptions;
import io.processpool.WorkerContext;
import io.processpool.spring.ProcessPoolAutoConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** One observation for each submission. Tasks run in this JVM, since that makes no difference here. */
class SubmissionObservationTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ObservationAutoConfiguration.class,
                    ProcessPoolAutoConfiguration.class,
                    ProcessPoolObservationAutoConfiguration.class))
            .withBean(Recorder.class)
            .withPropertyValues("processpool.mode=inline", "processpool.workers=1");

    /** Keeps what has ended. */
    static final class Recorder implements ObservationHandler<Observation.Context> {

        private final List<Observation.Context> ended = new CopyOnWriteArrayList<>();

        @Override
        public void onStop(Observation.Context context) {
            ended.add(context);
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }

        List<Observation.Context> await(int count) {
            org.awaitility.Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(ended).hasSize(count));
            return ended;
        }
    }

    private static Map<String, String> tags(Observation.Context context) {
        return context.getAllKeyValues().stream().collect(Collectors.toMap(KeyValue::getKey, KeyValue::getValue));
    }

    private static void run(AssertableApplicationContext context, Consumer<ProcessPool> action) {
        action.accept(context.getBean(ProcessPool.class));
    }

    @Test
    void apply_success_isObserved() {
        runner.run(context -> {
            run(
                    context,
                    pool -> pool.applyAsync(() -> 1, TaskOptions.defaults().name("thumbnail"))
                            .toCompletableFuture()
                            .join());

            Observation.Context ended = context.getBean(Recorder.class).await(1).get(0);
            assertThat(ended.getName()).isEqualTo("processpool.submission");
            assertThat(ended.getContextualName()).isEqualTo("processpool thumbnail");
            assertThat(ended.getError()).isNull();
            assertThat(tags(ended))
                    .containsExactlyInAnyOrderEntriesOf(
                            Map.of("pool", "default", "outcome", "success", "task", "thumbnail"));
            assertThat(ended.getHighCardinalityKeyValue("task")).isNotNull();
        });
    }

    @Test
    void apply_failure_carriesTheError() {
        runner.run(context -> {
            run(
                    context,
                    pool -> assertThatThrownBy(() -> pool.apply(() -> Integer.parseInt("x")))
                            .isInstanceOf(ProcessPoolException.class));

            Observation.Context ended = context.getBean(Recorder.class).await(1).get(0);
            assertThat(tags(ended)).containsEntry("outcome", "failure");
            assertThat(ended.getError()).hasStackTraceContaining("NumberFormatException");
        });
    }

    @Test
    void maps_manyItems_areOneObservationEach() {
        runner.run(context -> {
            run(context, pool -> pool.map(i -> i + 1, List.of(1, 2, 3)));
            run(context, pool -> pool.imap(i -> i + 1, List.of(1, 2, 3)).forEachRemaining(i -> {}));
            run(context, pool -> pool.imapUnordered(i -> i + 1, List.of(1, 2)).forEachRemaining(i -> {}));

            assertThat(context.getBean(Recorder.class).await(3))
                    .allSatisfy(ended -> assertThat(tags(ended)).containsEntry("outcome", "success"));
        });
    }

    @Test
    void caller_observed_isTheParent() {
        runner.run(context -> {
            Observation caller = Observation.createNotStarted("caller", context.getBean(ObservationRegistry.class));

            caller.observe(() -> run(context, pool -> pool.apply(() -> 1)));

            List<Observation.Context> ended = context.getBean(Recorder.class).await(2);
            Observation.Context submission = ended.stream()
                    .filter(each -> each.getName().equals("processpool.submission"))
                    .findFirst()
                    .orElseThrow();
            assertThat(submission.getParentObservation()).isNotNull();
            assertThat(submission.getParentObservation().getContextView()).isSameAs(caller.getContext());
        });
    }

    @Test
    void tracing_absent_noHeaders() {
        runner.run(context -> run(
                context,
                pool -> assertThat(pool.<Map<String, String>>apply(
                                () -> Map.copyOf(WorkerContext.current().headers())))
                        .isEmpty()));
    }

    @Test
    void enable_false_observesNothing() {
        runner.withPropertyValues("management.observations.enable.processpool=false")
                .run(context -> {
                    run(context, pool -> pool.apply(() -> 1));
                    Observation.createNotStarted("marker", context.getBean(ObservationRegistry.class))
                            .observe(() -> {});

                    await().until(() ->
                            context.getBean(ProcessPool.class).snapshot().tasksActive() == 0);
                    assertThat(context.getBean(Recorder.class).await(1).get(0).getName())
                            .isEqualTo("marker");
                });
    }

    @Test
    void convention_ofTheApplicationsOwn_isUsed() {
        runner.withBean(Renaming.class).run(context -> {
            run(context, pool -> pool.apply(() -> 1));

            assertThat(context.getBean(Recorder.class).await(1).get(0).getName())
                    .isEqualTo("batch.submission");
        });
    }

    static final class Renaming extends SubmissionObservationConvention {

        @Override
        public String getName() {
            return "batch.submission";
        }
    }
}
