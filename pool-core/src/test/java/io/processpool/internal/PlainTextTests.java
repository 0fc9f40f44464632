package io.processpool.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PlainTextTests {

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, '\n', '\r', 0x1b, 0x7f, 0x85, 0x61c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069
            })
    void escape_whatForgesLinesOrChangesTheDirection_isEscaped(int harmful) {
        assertThat(PlainText.escape("a" + (char) harmful + "b")).isEqualTo("a\\u%04xb", harmful);
    }

    @Test
    void escape_words_areAsTheyWere() {
        String words = "Größe\t\u05d0\u0627\u200d\u2013 100\u00a0%";

        assertThat(PlainText.escape(words)).isSameAs(words);
    }
}
