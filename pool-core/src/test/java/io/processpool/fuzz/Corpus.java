package io.processpool.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The inputs of one target that are kept: those that fuzzing has found to reach code which the seeds do not reach, and
 * those that have once shown a defect. One line of hexadecimal digits each, in a text file; lines that begin with {@code #}
 * say what the next one has shown.
 */
final class Corpus {

    private static final HexFormat HEX = HexFormat.of();

    private final Path file;

    Corpus(FuzzTarget target) {
        this.file = Path.of("src/test/fuzz").resolve(target.label() + ".txt");
    }

    /** Returns the lines as they are. */
    List<String> lines() throws IOException {
        return Files.exists(file) ? Files.readAllLines(file, StandardCharsets.UTF_8) : List.of();
    }

    /** Returns the inputs. */
    List<byte[]> inputs() throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        for (String line : lines()) {
            if (!line.startsWith("#") && !line.isBlank()) {
                inputs.add(HEX.parseHex(line.trim()));
            }
        }
        return inputs;
    }

    /** Adds inputs that are not there. */
    void add(List<byte[]> inputs) throws IOException {
        Set<String> all = new LinkedHashSet<>(lines());
        for (byte[] input : inputs) {
            all.add(HEX.formatHex(input));
        }
        Files.createDirectories(file.getParent());
        Files.write(file, all, StandardCharsets.UTF_8);
    }
}
