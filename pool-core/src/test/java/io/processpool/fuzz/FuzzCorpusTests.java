package io.processpool.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.processpool.internal.transport.FuzzResources;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What fuzzing starts from and has found, once more; {@code mvn -Pfuzz} looks for more. */
@Timeout(60)
class FuzzCorpusTests {

    private static final int MUTANTS = 300;

    @AfterAll
    static void release() throws Exception {
        FuzzResources.release();
    }

    @ParameterizedTest
    @EnumSource
    void run_seedsAndCorpus_isReadOrRefused(FuzzTarget target) throws Exception {
        List<byte[]> inputs = inputs(target);

        assertThat(inputs).isNotEmpty();
        for (byte[] input : inputs) {
            run(target, input);
        }
    }

    /** As a fuzzer would, without looking what that reaches. */
    @ParameterizedTest
    @EnumSource
    void run_mutants_isReadOrRefused(FuzzTarget target) throws Exception {
        Random random = new Random(42);
        List<byte[]> inputs = inputs(target);
        for (int i = 0; i < MUTANTS; i++) {
            byte[] mutant = inputs.get(random.nextInt(inputs.size())).clone();
            for (int changes = random.nextInt(4); changes >= 0 && mutant.length > 0; changes--) {
                mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
            }
            run(target, mutant);
        }
    }

    private static List<byte[]> inputs(FuzzTarget target) throws IOException {
        List<byte[]> inputs = new ArrayList<>(target.seeds());
        inputs.addAll(new Corpus(target).inputs());
        return inputs;
    }

    private static void run(FuzzTarget target, byte[] input) {
        try {
            target.run(input);
        } catch (Throwable e) {
            fail(target.label() + " of " + HexFormat.of().formatHex(input), e);
        }
    }
}
