package io.processpool.internal.process;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The processes below another at a moment, and who has started which. One walk over all processes of the machine finds them,
 * however many of them are asked about then. Immutable.
 */
public final class ProcessTree {

    private final Map<ProcessHandle, List<ProcessHandle>> children;

    private ProcessTree(Map<ProcessHandle, List<ProcessHandle>> children) {
        this.children = children;
    }

    /**
     * Looks at every process of the machine, for those below this one.
     *
     * @return what there is now
     */
    public static ProcessTree belowThisProcess() {
        Map<ProcessHandle, List<ProcessHandle>> children = new HashMap<>();
        try (Stream<ProcessHandle> all = ProcessHandle.current().descendants()) {
            all.forEach(process -> process.parent()
                    .ifPresent(parent -> children.computeIfAbsent(parent, first -> new ArrayList<>())
                            .add(process)));
        } catch (RuntimeException e) {
            return new ProcessTree(Map.of()); // not permitted
        }
        return new ProcessTree(children);
    }

    /** Returns those that a process has started, those that these have started, and so on. */
    List<ProcessHandle> descendants(ProcessHandle root) {
        List<ProcessHandle> found = new ArrayList<>(children.getOrDefault(root, List.of()));
        for (int i = 0; i < found.size(); i++) {
            found.addAll(children.getOrDefault(found.get(i), List.of()));
        }
        return found;
    }
}
