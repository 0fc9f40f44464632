package io.processpool.internal.process;

import java.nio.file.Path;
import java.util.List;

/** {@code {worker}} in settings stands for the worker's slot number, {@code {directory}} in a prefix for the pool's directory. */
final class Placeholders {

    private static final String WORKER = "{worker}";
    private static final String DIRECTORY = "{directory}";

    private Placeholders() {}

    static String fill(String text, int slot) {
        return text.replace(WORKER, Integer.toString(slot));
    }

    static List<String> fill(List<String> texts, int slot) {
        return texts.stream().map(text -> fill(text, slot)).toList();
    }

    static List<String> fill(List<String> texts, int slot, Path directory) {
        return fill(texts, slot).stream()
                .map(text -> text.replace(DIRECTORY, directory.toString()))
                .toList();
    }
}
