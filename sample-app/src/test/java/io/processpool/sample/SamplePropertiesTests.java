package io.processpool.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class SamplePropertiesTests {

    @Test
    void defaults_fitTheBundledDocuments() {
        SampleProperties properties = bind(Map.of());

        assertThat(properties.documents()).isNull();
        assertThat(properties.outputFolder())
                .isEqualTo(Path.of("processpool-sample-output").toAbsolutePath());
        assertThat(properties.timeoutFor(1)).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void documents_nameThatIsOnTheClassPath_staysAsItIs() {
        assertThat(bind(Map.of("sample.documents", "org")).documents()).isEqualTo("org");
    }

    @ParameterizedTest
    @CsvSource({"0, 60", "1, 60", "50, 60", "51, 120", "5000, 6000"})
    void timeoutFor_longDocument_isLong(int pages, int seconds) {
        assertThat(bind(Map.of("sample.documents", "x")).timeoutFor(pages)).isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void timeoutFor_givenTimeout_isPerFiftyPages() {
        assertThat(bind(Map.of("sample.timeout", "300ms")).timeoutFor(120)).isEqualTo(Duration.ofMillis(900));
    }

    @ParameterizedTest
    @CsvSource({"timeout, 0s", "thumbnail, 0"})
    void invalidValue_isNamed(String name, String value) {
        assertThatThrownBy(() -> bind(Map.of("sample." + name, value)))
                .isInstanceOf(BindException.class)
                .rootCause()
                .hasMessageStartingWith(name + " must be");
    }

    private static SampleProperties bind(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("sample", SampleProperties.class);
    }
}
