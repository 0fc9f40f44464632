package io.processpool.sample;

import io.processpool.ProcessPoolException;
import io.processpool.sample.bundled.BundledDocuments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.ExitCodeGenerator;
import org.springframework.stereotype.Component;

/** Finds the documents, runs the job on them and prints its summary; or says on one line why it cannot. */
@Component
final class ExtractionRunner implements ApplicationRunner, ExitCodeGenerator {

    private final SampleProperties properties;
    private final ObjectProvider<WorkDirectory> work;
    private final ObjectProvider<ExtractionJob> job;

    private int exitCode;

    /** Takes providers, because the workers, which come with the job, are only started once there is work. */
    ExtractionRunner(
            SampleProperties properties, ObjectProvider<WorkDirectory> work, ObjectProvider<ExtractionJob> job) {
        this.properties = properties;
        this.work = work;
        this.job = job;
    }

    @Override
    public void run(ApplicationArguments arguments) throws IOException {
        if (properties.serve()) {
            return;
        }
        try {
            String place = properties.documents();
            List<SourceDocument> documents = place == null ? bundled() : given(Path.of(place));
            createOutput();
            job.getObject().run(documents).lines().forEach(System.out::println);
            System.out.println("written to " + properties.outputFolder());
        } catch (UsageException | InvalidPathException e) {
            System.err.println(e.getMessage());
            exitCode = UsageException.EXIT_CODE;
        } catch (ProcessPoolException e) {
            System.err.println("given up: " + e.getMessage());
            exitCode = 1;
        }
    }

    @Override
    public int getExitCode() {
        return exitCode;
    }

    private List<SourceDocument> given(Path place) throws IOException {
        if (place.toAbsolutePath().normalize().equals(properties.outputFolder())) {
            throw new UsageException("documents and output are the same folder: " + place);
        }
        DocumentScanner.Scan scan = DocumentScanner.scan(place, properties.outputFolder());
        scan.unreadable().forEach(path -> System.err.println("not readable, left out: " + path));
        return scan.documents();
    }

    private List<SourceDocument> bundled() throws IOException {
        createOutput();
        Path folder = work.getObject().folder("bundled");
        BundledDocuments.writeTo(folder);
        return DocumentScanner.scan(folder, properties.outputFolder()).documents();
    }

    private void createOutput() {
        try {
            Files.createDirectories(properties.outputFolder());
        } catch (IOException e) {
            throw new UsageException("cannot write to " + properties.outputFolder() + ": " + e);
        }
    }
}
