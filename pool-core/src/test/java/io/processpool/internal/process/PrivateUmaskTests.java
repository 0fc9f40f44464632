package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Which program the shell is told to become: the one that the JDK would start. */
@DisabledOnOs(OS.WINDOWS)
class PrivateUmaskTests {

    @TempDir
    Path root;

    private String program(String directory) throws IOException {
        Path file = Files.createDirectories(root.resolve(directory)).resolve("tool");
        Files.writeString(file, "");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file.toString();
    }

    private List<String> applied(ProcessBuilder builder, String path) {
        PrivateUmask.apply(builder, path);
        return builder.command();
    }

    @Test
    void apply_name_isThatInThePathOfThisProcess() throws IOException {
        String mine = program("mine");
        program("workers");
        ProcessBuilder builder = new ProcessBuilder("tool", "a", "b");
        builder.environment().clear();
        builder.environment().put("PATH", root.resolve("workers").toString());

        List<String> command = applied(builder, root.resolve("none") + ":" + root.resolve("mine"));

        assertThat(command).startsWith("/bin/sh", "-c").endsWith("sh", mine, "a", "b");
    }

    @Test
    void apply_nameThatOnlyTheWorkerWouldFind_staysAsItIs() throws IOException {
        program("workers");
        ProcessBuilder builder = new ProcessBuilder("tool");
        builder.environment().clear();
        builder.environment().put("PATH", root.resolve("workers").toString());

        assertThat(applied(builder, "/bin:/usr/bin")).containsExactly("tool");
    }

    @Test
    void apply_placesRelativeToTheWorkingDirectory_areLookedAt() throws IOException {
        String here = program("work");
        String below = program("work/bin");
        ProcessBuilder builder =
                new ProcessBuilder("tool").directory(root.resolve("work").toFile());
        builder.environment().clear();

        assertThat(applied(builder, "bin:/bin")).endsWith("sh", below);
        builder.command("tool");
        assertThat(applied(builder, "/bin:")).endsWith("sh", here);
    }

    @Test
    void apply_noProgram_staysAsItIs() throws IOException {
        Files.createDirectories(root.resolve("bin/tool")); // one may enter it, which is no program
        ProcessBuilder builder = new ProcessBuilder("tool");
        builder.environment().clear();

        assertThat(applied(builder, root.resolve("bin").toString())).containsExactly("tool");
        builder.command(root.resolve("bin/tool").toString());
        assertThat(applied(builder, "/bin"))
                .containsExactly(root.resolve("bin/tool").toString());
    }

    @Test
    void apply_path_staysAsItIsInTheShell() throws IOException {
        String tool = program("bin");
        ProcessBuilder builder = new ProcessBuilder(tool, "x");
        builder.environment().clear();

        assertThat(applied(builder, "/bin")).startsWith("/bin/sh").endsWith("sh", tool, "x");
    }

    @Test
    void apply_variableThatShellsLose_startsNone() throws IOException {
        String tool = program("bin");
        ProcessBuilder builder = new ProcessBuilder(tool);
        builder.environment().clear();
        builder.environment().put("my.setting", "1");

        assertThat(applied(builder, "/bin")).containsExactly(tool);
    }
}
