package io.processpool.sample;

import io.processpool.MapOptions;
import io.processpool.PoolClosedException;
import io.processpool.ProcessPool;
import io.processpool.ProcessPoolException;
import io.processpool.ResultIterator;
import io.processpool.TaskOptions;
import io.processpool.WorkerStartException;
import io.processpool.sample.worker.ExtractionRequest;
import io.processpool.sample.worker.PdfTasks;
import io.processpool.spring.PoolProperties;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;

/**
 * The job: sends documents through two pools, in two rounds. The first counts pages; it makes the progress of the second
 * a true one, gives long documents more time, and lets them start early, so that none is left running alone at the end.
 * The second extracts. In both, one document is one task.
 */
@Component
final class ExtractionJob {

    private final ProcessPool inspect;
    private final ProcessPool render;
    private final DataSize heap;
    private final SampleProperties properties;
    private final OutputFolder output;
    private final Path unfinished;

    ExtractionJob(
            @Qualifier("inspect") ProcessPool inspect,
            @Qualifier("render") ProcessPool render,
            PoolProperties pools,
            SampleProperties properties,
            WorkDirectory work) {
        this.inspect = inspect;
        this.render = render;
        this.heap = Objects.requireNonNull(pools.maxHeap(), "processpool.max-heap");
        this.properties = properties;
        this.output = new OutputFolder(properties.outputFolder());
        this.unfinished = work.folder("unfinished");
    }

    /**
     * Runs the job and waits for its end.
     *
     * @throws ProcessPoolException if the pool cannot work: its workers do not start, or it was closed
     */
    Summary run(List<SourceDocument> documents) {
        long start = System.nanoTime();
        List<DocumentResult> results = new ArrayList<>();
        List<Counted> counted = count(documents, results);
        results.addAll(extract(counted));
        results.sort(Comparator.comparing(DocumentResult::name));
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        return Summary.of(results, elapsed, inspect.snapshot(), render.snapshot());
    }

    private List<Counted> count(List<SourceDocument> documents, List<DocumentResult> results) {
        Duration timeout = properties.timeoutFor(1);
        List<URI> uris = documents.stream().map(SourceDocument::uri).toList();
        MapOptions options = MapOptions.defaults().name("count pages").timeout(timeout);
        List<Counted> counted = new ArrayList<>();
        try (ProgressBar bar = Progress.bar("Opening  ", uris.size(), "documents");
                ResultIterator<Integer> counts = inspect.imap(PdfTasks::countPages, uris, options)) {
            for (SourceDocument document : documents) {
                try {
                    int pages = counts.next();
                    counted.add(new Counted(document, pages, properties.timeoutFor(pages)));
                } catch (ProcessPoolException e) {
                    results.add(failed(document, e, timeout));
                }
                bar.step();
            }
        }
        return counted;
    }

    private List<DocumentResult> extract(List<Counted> documents) {
        if (documents.isEmpty()) {
            return List.of();
        }
        long total = documents.stream().mapToLong(Counted::pages).sum();
        List<Counted> longestFirst = documents.stream()
                .sorted(Comparator.comparingInt(Counted::pages).reversed())
                .toList();
        try (ProgressBar bar = Progress.bar("Rendering", total, "pages")) {
            List<CompletableFuture<DocumentResult>> running = new ArrayList<>();
            for (Counted next : longestFirst) {
                running.add(submit(next, unfinished.resolve("" + running.size()), bar));
            }
            return running.stream().map(ExtractionJob::join).toList();
        }
    }

    private CompletableFuture<DocumentResult> submit(Counted counted, Path target, ProgressBar bar) {
        SourceDocument document = counted.document();
        PageProgress progress = new PageProgress(bar, counted.pages());
        TaskOptions options = TaskOptions.defaults()
                .name(document.name())
                .timeout(counted.timeout())
                .progress(progress);
        ExtractionRequest request =
                new ExtractionRequest(document.uri(), target.toUri(), counted.pages(), properties.thumbnail());
        return render.applyAsync(PdfTasks::extract, request, options)
                .handle((characters, failure) -> {
                    DocumentResult end = finish(counted, target, characters, failure);
                    progress.end(end.failure() == null);
                    return end;
                })
                .toCompletableFuture();
    }

    private static DocumentResult join(CompletableFuture<DocumentResult> running) {
        try {
            return running.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof ProcessPoolException cause ? cause : e;
        }
    }

    /** Publishes what a worker has written, or throws it away. Runs on a callback thread of the pool. */
    private DocumentResult finish(
            Counted counted, Path target, @Nullable Long characters, @Nullable Throwable failure) {
        try {
            if (characters != null) {
                output.publish(counted.document(), target);
                return new DocumentResult(counted.document().name(), counted.pages(), characters, null);
            }
            FileSystemUtils.deleteRecursively(target);
            return failed(counted.document(), Objects.requireNonNull(failure), counted.timeout());
        } catch (IOException e) {
            return failed(counted.document(), failure == null ? e : failure, counted.timeout());
        }
    }

    /** Puts down a failure, unless it is not the document that failed but the pool. */
    private DocumentResult failed(SourceDocument document, Throwable cause, Duration timeout) {
        try {
            output.clear(document);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        if (cause instanceof PoolClosedException || cause instanceof WorkerStartException) {
            throw (ProcessPoolException) cause;
        }
        return new DocumentResult(document.name(), 0, 0, Failure.of(cause, heap, timeout));
    }

    /** A document whose pages have been counted, and the time that it gets for them. */
    private record Counted(SourceDocument document, int pages, Duration timeout) {}
}
