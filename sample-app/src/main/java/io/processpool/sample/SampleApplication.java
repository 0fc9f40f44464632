package io.processpool.sample;

import io.processpool.ProcessPool;
import io.processpool.sample.worker.PdfTasks;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * The application. Its exit code is 0 when the job ran, whether or not documents failed, for the summary names those;
 * any other means that it could not run.
 */
@SpringBootApplication
@EnableConfigurationProperties(SampleProperties.class)
public class SampleApplication {

    /**
     * Runs the application.
     *
     * @param args see {@link CommandLine#HELP}
     */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    private static int run(String... args) {
        String[] arguments;
        try {
            arguments = CommandLine.toSpringArguments(args);
        } catch (UsageException e) {
            System.err.println(e.getMessage());
            return UsageException.EXIT_CODE;
        }
        if (arguments.length == 1 && arguments[0].equals("--help")) {
            System.out.print(CommandLine.HELP);
            return 0;
        }
        return SpringApplication.exit(SpringApplication.run(SampleApplication.class, arguments));
    }

    @Bean(destroyMethod = "close")
    WorkDirectory workDirectory(SampleProperties properties) throws IOException {
        return new WorkDirectory(properties.outputFolder());
    }

    /** The pool, as anybody would make it by hand. Beans are lazy here: no worker starts before the job needs it. */
    @Bean(destroyMethod = "close")
    ProcessPool processPool(SampleProperties properties, WorkDirectory work) throws IOException {
        return ProcessPool.builder()
                .name("pdf")
                .workers(properties.workers())
                .maxHeap(properties.heap().toBytes())
                .initializer(PdfTasks::prepareWorker)
                // On a machine that has many fonts and has never run PDFBox, preparing takes a while.
                .startTimeout(Duration.ofMinutes(2))
                // The job waits for its tasks itself. What is left when the pool closes was given up, in time or with
                // Ctrl-C, and has the grace period to end by itself.
                .cancelGrace(Duration.ofSeconds(1))
                .shutdownTimeout(Duration.ofSeconds(2))
                .registerShutdownHook(false)
                .jvmArguments(List.of(
                        "-Djava.awt.headless=true",
                        "-Dlogback.configurationFile=worker-logback.xml",
                        "-Djava.io.tmpdir=" + work.folder("tmp")))
                .build();
    }
}
