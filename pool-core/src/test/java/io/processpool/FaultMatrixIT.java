package io.processpool;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.testing.LeavesNothingBehind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every fault at every moment, with the outcome that {@code docs/faults.md} promises: the tables of the document are what
 * this test reads its expectations from.
 */
@ExtendWith(LeavesNothingBehind.class)
@EnabledOnOs({OS.LINUX, OS.MAC})
class FaultMatrixIT {

    private static final Path PAGE = DocumentationIT.root().resolve("docs/faults.md");

    @TempDir
    Path directory;

    private final RecordedEvents events = new RecordedEvents();

    /** Returns the rows of a table of the document, cell by cell, without its head. */
    private static List<List<String>> table(String name) {
        List<String> lines = DocumentationSamples.read(PAGE);
        int marker = lines.indexOf("<!-- table: " + name + " -->");
        assertThat(marker).as("marker of table %s", name).isNotNegative();
        return lines.stream()
                .skip(marker + 1)
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> Arrays.stream(line.substring(1).split("\\|"))
                        .map(String::strip)
                        .toList())
                .toList();
    }

    private static FaultOutcome outcome(String cell) {
        String key = cell.replace("`", "");
        return Stream.of(FaultOutcome.values())
                .filter(outcome -> outcome.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no outcome: " + cell));
    }

    /** Returns the outcomes of each moment, in the order of the faults. */
    private static Map<FaultMoment, List<FaultOutcome>> promised() {
        Map<FaultMoment, List<FaultOutcome>> promised = new LinkedHashMap<>();
        List<List<String>> rows = table("faults");
        for (List<String> row : rows.subList(2, rows.size())) {
            FaultMoment moment = Stream.of(FaultMoment.values())
                    .filter(candidate -> candidate.row().equals(row.get(0)))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no moment: " + row.get(0)));
            promised.put(
                    moment, row.stream().skip(1).map(FaultMatrixIT::outcome).toList());
        }
        return promised;
    }

    static Stream<Arguments> cells() {
        List<Arguments> cells = new ArrayList<>();
        promised().forEach((moment, outcomes) -> {
            for (Fault fault : Fault.values()) {
                FaultOutcome outcome = outcomes.get(fault.ordinal());
                if (outcome != FaultOutcome.OWN) {
                    cells.add(Arguments.of(moment, fault, outcome));
                }
            }
        });
        return cells.stream();
    }

    @ParameterizedTest(name = "{0} x {1}: {2}")
    @MethodSource("cells")
    void fault_atMoment_hasThePromisedOutcome(FaultMoment moment, Fault fault, FaultOutcome outcome) {
        moment.play(new FaultScene(fault, outcome, directory, events));
    }

    @Test
    void document_hasEveryFaultAtEveryMoment() {
        List<String> head = table("faults").get(0);
        assertThat(head.subList(1, head.size()))
                .containsExactly(Stream.of(Fault.values()).map(Fault::column).toArray(String[]::new));
        assertThat(promised()).containsOnlyKeys(FaultMoment.values());
        assertThat(promised().values())
                .allSatisfy(outcomes -> assertThat(outcomes).hasSameSizeAs(Fault.values()));
    }

    @Test
    void document_leavesOutOnlyWhatWouldEndThePoolsOwnProcess() {
        promised().forEach((moment, outcomes) -> {
            for (Fault fault : Fault.values()) {
                assertThat(outcomes.get(fault.ordinal()) == FaultOutcome.OWN)
                        .as("%s x %s", moment, fault)
                        .isEqualTo(moment.inThePoolsProcess() && fault.endsProcess());
            }
        });
    }

    @Test
    void document_explainsEveryOutcome() {
        List<List<String>> rows = table("outcomes");
        assertThat(rows.subList(2, rows.size()).stream().map(row -> outcome(row.get(0))))
                .containsExactly(FaultOutcome.values());
    }
}
