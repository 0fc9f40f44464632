package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link TaskOptions} and {@link MapOptions}: immutable, changed by copies that differ in one thing. */
@Timeout(60)
class OptionsTests {

    private static final ProgressListener PROGRESS = (done, total) -> {};
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void taskDefaults_areAsDocumented() {
        assertThat(TaskOptions.defaults()).isEqualTo(new TaskOptions(null, 0, 0, null, null));
        assertThat(TaskOptions.defaults()).isSameAs(TaskOptions.defaults());
    }

    @Test
    void mapDefaults_areAsDocumented() {
        assertThat(MapOptions.defaults())
                .isEqualTo(new MapOptions(null, 0, 0, null, null, null, OnError.WAIT_ALL, null));
        assertThat(MapOptions.defaults()).isSameAs(MapOptions.defaults());
    }

    // ---- each method changes what it is named for -----------------------------------------------------------------

    static Stream<Arguments> taskMethods() {
        return Stream.of(
                task("timeout", options -> options.timeout(SECOND), SECOND),
                task("priority", options -> options.priority(-7), -7),
                task("retries", options -> options.retries(3), 3),
                task("name", options -> options.name("x"), "x"),
                task("progress", options -> options.progress(PROGRESS), PROGRESS));
    }

    private static Arguments task(String component, UnaryOperator<TaskOptions> method, Object value) {
        return Arguments.of(component, method, value);
    }

    static Stream<Arguments> mapMethods() {
        return Stream.of(
                map("timeout", options -> options.timeout(SECOND), SECOND),
                map("priority", options -> options.priority(9), 9),
                map("retries", options -> options.retries(3), 3),
                map("name", options -> options.name("x"), "x"),
                map("chunkSize", options -> options.chunkSize(5), 5),
                map("maxInFlight", options -> options.maxInFlight(6), 6),
                map("onError", options -> options.onError(OnError.FAIL_FAST), OnError.FAIL_FAST),
                map("progress", options -> options.progress(PROGRESS), PROGRESS));
    }

    private static Arguments map(String component, UnaryOperator<MapOptions> method, Object value) {
        return Arguments.of(component, method, value);
    }

    @Test
    void methods_forEachComponent_exist() {
        assertThat(taskMethods().map(arguments -> arguments.get()[0]))
                .containsExactlyElementsOf(names(TaskOptions.class));
        assertThat(mapMethods().map(arguments -> arguments.get()[0]))
                .containsExactlyElementsOf(names(MapOptions.class));
    }

    private static List<Object> names(Class<?> type) {
        List<Object> names = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            names.add(component.getName());
        }
        return names;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("taskMethods")
    void taskMethod_any_changesThatAloneInACopy(String component, UnaryOperator<TaskOptions> method, Object value)
            throws Exception {
        TaskOptions before = new TaskOptions(Duration.ofHours(9), 42, 42, "before", (done, total) -> {});

        assertOneChange(before, method.apply(before), component, value);
        assertOneChange(TaskOptions.defaults(), method.apply(TaskOptions.defaults()), component, value);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mapMethods")
    void mapMethod_any_changesThatAloneInACopy(String component, UnaryOperator<MapOptions> method, Object value)
            throws Exception {
        MapOptions before =
                new MapOptions(Duration.ofHours(9), 42, 42, "before", 42, 42, OnError.WAIT_ALL, (done, total) -> {});

        assertOneChange(before, method.apply(before), component, value);
        assertOneChange(MapOptions.defaults(), method.apply(MapOptions.defaults()), component, value);
    }

    private static void assertOneChange(Record before, Record after, String component, Object value) throws Exception {
        assertThat(after).isNotSameAs(before);
        for (RecordComponent each : before.getClass().getRecordComponents()) {
            Object expected = each.getName().equals(component)
                    ? value
                    : each.getAccessor().invoke(before);
            assertThat(each.getAccessor().invoke(after)).as(each.getName()).isEqualTo(expected);
        }
    }

    @Test
    void methods_chained_keepAll() {
        assertThat(TaskOptions.defaults()
                        .timeout(SECOND)
                        .priority(1)
                        .retries(2)
                        .name("n")
                        .progress(PROGRESS))
                .isEqualTo(new TaskOptions(SECOND, 1, 2, "n", PROGRESS));
        assertThat(MapOptions.defaults()
                        .timeout(SECOND)
                        .priority(1)
                        .retries(2)
                        .name("n")
                        .chunkSize(3)
                        .maxInFlight(4)
                        .onError(OnError.FAIL_FAST)
                        .progress(PROGRESS))
                .isEqualTo(new MapOptions(SECOND, 1, 2, "n", 3, 4, OnError.FAIL_FAST, PROGRESS));
    }

    // ---- what is refused ------------------------------------------------------------------------------------------

    static Stream<Arguments> invalidValues() {
        return Stream.of(
                invalid("timeout must be positive: timeout=PT0S", o -> o.timeout(Duration.ZERO)),
                invalid("timeout must be positive: timeout=PT-1S", o -> o.timeout(SECOND.negated())),
                invalid("retries must be >= 0: retries=-1", o -> o.retries(-1)),
                invalid("chunkSize must be >= 1: chunkSize=0", o -> o.chunkSize(0)),
                invalid("chunkSize must be >= 1: chunkSize=-5", o -> o.chunkSize(-5)),
                invalid("maxInFlight must be >= 1: maxInFlight=0", o -> o.maxInFlight(0)));
    }

    private static Arguments invalid(String message, Consumer<MapOptions> method) {
        return Arguments.of(message, method);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("invalidValues")
    void mapMethod_invalid_isRefusedWithNameValueAndWhatIsAllowed(String message, Consumer<MapOptions> method) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> method.accept(MapOptions.defaults()))
                .withMessage(message);
    }

    @Test
    void taskMethod_invalid_isRefusedWithNameValueAndWhatIsAllowed() {
        TaskOptions options = TaskOptions.defaults();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.timeout(Duration.ZERO))
                .withMessage("timeout must be positive: timeout=PT0S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.timeout(SECOND.negated()))
                .withMessage("timeout must be positive: timeout=PT-1S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.retries(-1))
                .withMessage("retries must be >= 0: retries=-1");
    }

    @Test
    void constructors_invalid_areNoWayAround() {
        assertThatIllegalArgumentException().isThrownBy(() -> new TaskOptions(Duration.ZERO, 0, 0, null, null));
        assertThatIllegalArgumentException().isThrownBy(() -> new TaskOptions(null, 0, -1, null, null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MapOptions(null, 0, 0, null, 0, null, OnError.WAIT_ALL, null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MapOptions(null, 0, 0, null, null, 0, OnError.WAIT_ALL, null));
        assertThatNullPointerException()
                .isThrownBy(() -> new MapOptions(null, 0, 0, null, null, null, null, null))
                .withMessage("onError must not be null: onError=null");
    }

    @Test
    void onError_null_isRefused() {
        assertThatNullPointerException()
                .isThrownBy(() -> MapOptions.defaults().onError(null))
                .withMessage("onError must not be null: onError=null");
    }
}
