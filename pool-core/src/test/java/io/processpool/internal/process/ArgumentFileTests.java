package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.processpool.WorkerStartException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArgumentFileTests {

    @TempDir
    Path temp;

    @Test
    void format_specialCharacters_areQuoted() {
        byte[] bytes = ArgumentFile.format(
                List.of("plain", "", "with space", "a\"b", "c\\d", "'#$%", "line\nfeed\rreturn\ttab"),
                StandardCharsets.UTF_8);

        assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo("""
                        "plain"
                        ""
                        "with space"
                        "a\\"b"
                        "c\\\\d"
                        "'#$%"
                        "line\\nfeed\\rreturn\ttab"
                        """);
    }

    /** In Shift_JIS, the second byte of this character is a backslash, and the launcher knows only bytes. */
    @Test
    void format_backslashWithinACharacter_isEscapedAsWell() {
        assumeTrue(Charset.isSupported("Shift_JIS"));

        assertThat(ArgumentFile.format(List.of("\u8868"), Charset.forName("Shift_JIS")))
                .isEqualTo(new byte[] {'"', (byte) 0x95, '\\', '\\', '"', '\n'});
    }

    @Test
    void format_characterThatTheEncodingLacks_isRefused() {
        assertThatThrownBy(() -> ArgumentFile.format(List.of("gr\u00fc\u00dfe"), StandardCharsets.US_ASCII))
                .isInstanceOf(WorkerStartException.class)
                .hasMessageContaining("US-ASCII")
                .hasMessageContaining("UTF-8 locale")
                .hasMessageContaining("gr\u00fc\u00dfe");
    }

    @Test
    void write_mode_isPrivate() throws IOException {
        ArgumentFile file = ArgumentFile.write(temp.resolve("args"), List.of("x"));

        assertThat(file.path()).hasContent("\"x\"");
        if (Files.getFileStore(temp).supportsFileAttributeView("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())))
                    .isEqualTo("rw-------");
        }
        file.delete();
        file.delete();
        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void write_existingFile_isRefusedAndKept() throws IOException {
        Path existing = Files.writeString(temp.resolve("args"), "precious");

        assertThatThrownBy(() -> ArgumentFile.write(existing, List.of("x")))
                .isInstanceOf(WorkerStartException.class)
                .hasMessageContaining(existing.toString());
        assertThat(existing).hasContent("precious");
    }
}
