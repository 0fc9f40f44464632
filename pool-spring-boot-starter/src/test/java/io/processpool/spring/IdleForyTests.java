package io.processpool.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.spring.testing.Contexts;
import io.processpool.spring.testing.NothingLeft;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Properties of Apache Fory without the codec that heeds them. */
@ExtendWith({OutputCaptureExtension.class, NothingLeft.class})
class IdleForyTests {

    private static void run(String... properties) {
        Contexts.inline()
                .withPropertyValues(properties)
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void warn_defaultPool_saysWhatAndWhere(CapturedOutput output) {
        run("processpool.fory.register=java.math.BigDecimal");

        assertThat(output)
                .containsOnlyOnce("[processpool.fory.register] has no effect: codec=jdk for process pool 'default', and"
                        + " only the codec 'fory' heeds it. Set processpool.codec=fory, or remove it");
    }

    @Test
    void warn_namedPool_saysWhatAndWhere(CapturedOutput output) {
        run(
                "processpool.codec=fory",
                "processpool.fory.register=java.math.BigDecimal",
                "processpool.pools.render.codec=jdk",
                "processpool.pools.render.fory.register[0]=java.math.BigDecimal",
                "processpool.pools.render.fory.allow[0]=java.math.*");

        assertThat(output)
                .containsOnlyOnce("has no effect")
                .contains("[processpool.pools.render.fory.register, processpool.pools.render.fory.allow] has no effect:"
                        + " codec=jdk for process pool 'render'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "processpool.codec=fory",
                "processpool.codec=FORY",
                "processpool.pools.render.codec=fory",
            })
    void warn_somePoolHeedsThem_isSilent(String codec, CapturedOutput output) {
        run("processpool.fory.register=java.math.BigDecimal", codec);

        assertThat(output).doesNotContain("has no effect");
    }

    @Test
    void warn_namedPoolOnlyInherits_isSilent(CapturedOutput output) {
        run(
                "processpool.codec=fory",
                "processpool.fory.register=java.math.BigDecimal",
                "processpool.pools.render.codec=jdk");

        assertThat(output).doesNotContain("has no effect");
    }
}
