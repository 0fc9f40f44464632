package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InheritedOptionsTests {

    private static List<String> select(String... arguments) {
        return InheritedOptions.select(List.of(arguments), module -> module.startsWith("java."));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--enable-preview",
                "-ea",
                "-ea:com.example...",
                "-esa",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-modules=java.se",
                "--add-modules=ALL-SYSTEM",
                "--enable-native-access=ALL-UNNAMED",
                "-Duser.language=de",
                "-Dfile.encoding=UTF-8",
                "-Djdk.serialFilter=!*"
            })
    void select_whatClassesNeed_isKept(String argument) {
        assertThat(select(argument)).containsExactly(argument);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-agentlib:jdwp=transport=dt_socket,server=y,address=5005",
                "-Xrunjdwp:transport=dt_socket",
                "-javaagent:/jacoco.jar",
                "-agentpath:/x.so",
                "-Dcom.sun.management.jmxremote.port=9010",
                "-Xmx4g",
                "-XX:+UseZGC",
                "-XX:TieredStopAtLevel=1",
                "-Dspring.profiles.active=prod",
                "-Djava.io.tmpdir=/tmp",
                "-Duser.language",
                "--module-path=/modules",
                "-Xlog:gc",
                "--add-modules=com.example",
                "--add-opens=com.example/com.example=ALL-UNNAMED",
                "--add-opens=broken",
                "-eager"
            })
    void select_everythingElse_isDropped(String argument) {
        assertThat(select(argument)).isEmpty();
    }

    /** Application modules lie on the class path of a worker. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--add-opens=java.base/java.lang=com.example,com.other | --add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-reads=java.base=com.example | --add-reads=java.base=ALL-UNNAMED",
                "--add-modules=java.sql,com.example | --add-modules=java.sql",
                "--enable-native-access=com.example,java.base | --enable-native-access=ALL-UNNAMED,java.base"
            })
    void select_applicationModules_becomeUnnamed(String argument, String expected) {
        assertThat(select(argument)).containsExactly(expected);
    }

    @Test
    void select_relativePaths_becomeAbsolute() {
        String here = Path.of("").toAbsolutePath() + File.separator;

        assertThat(select("-Djava.library.path=lib" + File.pathSeparator + "/native"))
                .containsExactly("-Djava.library.path=" + here + "lib" + File.pathSeparator + "/native");
    }

    @Test
    void current_here_holdsNoAgents() {
        assertThat(InheritedOptions.current()).noneMatch(option -> option.contains("agent"));
    }
}
