package io.processpool.benchmarks.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class ResidueTests {

    private static final Residue BEFORE = new Residue(Set.of("1 a"), Set.of(), 10, Set.of(), Set.of(), 0, 1 << 20);

    private final Violations violations = new Violations();

    private void compareWith(Residue after) {
        BEFORE.compareWithNow(violations, () -> after, -1);
    }

    @Test
    void nothingMore_noViolation() {
        compareWith(new Residue(Set.of(), Set.of(), 9, Set.of(), Set.of(), 0, 1 << 20));

        assertThat(violations.count()).isZero();
    }

    @Test
    void moreOfEverything_eachIsFound() {
        compareWith(new Residue(
                Set.of("1 a", "2 b"),
                Set.of("pool-x-io"),
                11,
                Set.of("/tmp/d"),
                Set.of("hs_err_pid1.log"),
                1,
                1 << 30));

        assertThat(violations.first())
                .containsExactly(
                        "processes are left: [2 b]",
                        "threads are left: [pool-x-io]",
                        "directories are left: [/tmp/d]",
                        "crash reports are left: [hs_err_pid1.log]",
                        "descriptors have grown from 10 to 11",
                        "maps of shared memory have grown from 0 to 1",
                        "bytes of heap have grown from 1048576 to 1073741824");
    }

    @Test
    void now_ofThisJvm_hasFound() {
        Residue now = Residue.now();

        assertThat(now.heapBytes()).isPositive();
        assertThat(now.directories()).isEmpty();
    }
}
