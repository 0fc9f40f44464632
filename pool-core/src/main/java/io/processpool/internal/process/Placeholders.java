package io.processpool.internal.process;

import java.util.List;

/** {@code {worker}} in settings stands for the worker's slot number. */
final class Placeholders {

    private static final String WORKER = "{worker}";

    private Placeholders() {}

    static String fill(String text, int slot) {
        return text.replace(WORKER, Integer.toString(slot));
    }

    static List<String> fill(List<String> texts, int slot) {
        return texts.stream().map(text -> fill(text, slot)).toList();
    }
}
