package io.processpool.sample;

import io.processpool.spring.PoolProperties;
import io.processpool.spring.ProcessPoolCustomizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;
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
        String[] arguments;
        try {
            arguments = CommandLine.toSpringArguments(args);
        } catch (UsageException e) {
            System.err.println(e.getMessage());
            System.exit(UsageException.EXIT_CODE);
            return;
        }
        if (arguments.length == 1 && arguments[0].equals("--help")) {
            System.out.print(CommandLine.HELP);
            return;
        }
        ApplicationContext context = SpringApplication.run(SampleApplication.class, arguments);
        if (!(context instanceof WebServerApplicationContext)) {
            System.exit(SpringApplication.exit(context));
        }
    }

    @Bean(destroyMethod = "close")
    WorkDirectory workDirectory(SampleProperties properties) throws IOException {
        return new WorkDirectory(properties.outputFolder());
    }

    /** What is not known before the application runs; everything else about the pools stands in {@code application.yml}. */
    @Bean
    ProcessPoolCustomizer temporaryFilesGoWithTheJob(PoolProperties properties, WorkDirectory work) {
        return (name, builder) -> {
            List<String> arguments = new ArrayList<>(Objects.requireNonNullElse(properties.jvmArguments(), List.of()));
            arguments.add("-Djava.io.tmpdir=" + work.folder("tmp"));
            builder.jvmArguments(arguments);
        };
    }
}
