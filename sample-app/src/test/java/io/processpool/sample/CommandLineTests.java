package io.processpool.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTests {

    @Test
    void toSpringArguments_shortOptions_becomeProperties() {
        assertThat(CommandLine.toSpringArguments("--documents=/a b/c=d", "--workers", "3", "--debug.x=1"))
                .containsExactly("--sample.documents=/a b/c=d", "--processpool.pools.render.workers=3", "--debug.x=1");
    }

    @Test
    void toSpringArguments_serve_isAServletApplication() {
        assertThat(CommandLine.toSpringArguments("--serve", "--port=0"))
                .contains("--sample.serve=true", "--spring.main.web-application-type=servlet", "--server.port=0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h"})
    void toSpringArguments_helpAnywhere_isAllThatIsLeft(String help) {
        assertThat(CommandLine.toSpringArguments("--workers=3", help)).containsExactly("--help");
    }

    @ParameterizedTest
    @CsvSource({
        "--document=x,    no such option: --document",
        "x.pdf,           not understood: x.pdf",
        "-w,              not understood: -w",
        "--workers,       --workers needs a value",
        "--workers=,      --workers needs a value"
    })
    void toSpringArguments_nonsense_isRefused(String argument, String message) {
        assertThatThrownBy(() -> CommandLine.toSpringArguments(argument))
                .isInstanceOf(UsageException.class)
                .hasMessage(message + " (see --help)");
    }

    @Test
    void toSpringArguments_optionInPlaceOfValue_isRefused() {
        assertThatThrownBy(() -> CommandLine.toSpringArguments("--documents", "--workers=1"))
                .hasMessage("--documents needs a value (see --help)");
    }

    @Test
    void help_namesEveryProperty() {
        for (var component : SampleProperties.class.getRecordComponents()) {
            assertThat(CommandLine.HELP).contains("  --" + component.getName());
        }
    }
}
