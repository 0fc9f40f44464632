package io.processpool.sample;

import io.processpool.PoolClosedException;
import io.processpool.PoolSaturatedException;
import io.processpool.ProcessPool;
import io.processpool.ProcessPoolException;
import io.processpool.TaskOptions;
import io.processpool.WorkerStartException;
import io.processpool.sample.worker.ExtractionRequest;
import io.processpool.sample.worker.PdfTasks;
import io.processpool.spring.PoolProperties;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Takes a PDF and answers with its text. A hostile one costs the worker that reads it, and nobody else anything. */
@RestController
@ConditionalOnWebApplication
final class DocumentController {

    private final ProcessPool inspect;
    private final ProcessPool render;
    private final DataSize heap;
    private final SampleProperties properties;
    private final Path uploads;

    DocumentController(
            @Qualifier("inspect") ProcessPool inspect,
            @Qualifier("render") ProcessPool render,
            PoolProperties pools,
            SampleProperties properties,
            WorkDirectory work) {
        this.inspect = inspect;
        this.render = render;
        this.heap = Objects.requireNonNull(pools.maxHeap(), "processpool.max-heap");
        this.properties = properties;
        this.uploads = work.folder("uploads");
    }

    /**
     * What was in a document.
     *
     * @param pages how many pages it has
     * @param text their text, each page ended by a form feed
     */
    record Extracted(int pages, String text) {}

    @PostMapping(path = "/documents", consumes = MediaType.APPLICATION_PDF_VALUE)
    Extracted extract(InputStream body) throws IOException, InterruptedException {
        Path place = Files.createDirectory(uploads.resolve(UUID.randomUUID().toString()));
        Duration timeout = properties.timeoutFor(1);
        try {
            Path document = place.resolve("document.pdf");
            Files.copy(body, document);
            int pages = inspect.applyAsync(PdfTasks::countPages, document.toUri(), options(timeout))
                    .get();
            timeout = properties.timeoutFor(pages);
            Path target = place.resolve("extracted");
            render.applyAsync(
                            PdfTasks::extract,
                            new ExtractionRequest(document.toUri(), target.toUri(), pages, properties.thumbnail()),
                            options(timeout))
                    .get();
            return new Extracted(pages, Files.readString(target.resolve("text.txt")));
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            if (cause instanceof PoolClosedException || cause instanceof WorkerStartException) {
                throw (ProcessPoolException) cause; // it is not the document that failed
            }
            throw new UnreadableException(Failure.of(cause, heap, timeout));
        } finally {
            FileSystemUtils.deleteRecursively(place);
        }
    }

    private static TaskOptions options(Duration timeout) {
        return TaskOptions.defaults().timeout(timeout);
    }

    /** A document that could not be read. */
    private static final class UnreadableException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        UnreadableException(Failure failure) {
            super(failure.reason(), failure.cause());
        }
    }

    @ExceptionHandler
    ProblemDetail unreadable(UnreadableException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.UNPROCESSABLE_CONTENT, e.getMessage());
    }

    @ExceptionHandler
    ProblemDetail unavailable(ProcessPoolException e) {
        String detail = e instanceof PoolSaturatedException ? "too many documents at once" : e.getMessage();
        return ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, detail);
    }
}
