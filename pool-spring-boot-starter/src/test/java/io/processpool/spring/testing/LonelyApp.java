package io.processpool.spring.testing;

import io.processpool.ProcessPool;
import io.processpool.WorkerContext;
import java.util.Arrays;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** An application that has the starter and nothing beside it. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class LonelyApp {

    /** Runs a task and prints what came of it. */
    public static void main(String[] arguments) {
        try (ConfigurableApplicationContext context = SpringApplication.run(LonelyApp.class, arguments)) {
            ProcessPool pool = context.getBean(ProcessPool.class);
            long pid = pool.apply(() -> ProcessHandle.current().pid());
            Map<String, String> headers =
                    pool.apply(() -> WorkerContext.current().headers());
            System.out.println(
                    "in another process: " + (pid != ProcessHandle.current().pid()));
            System.out.println("headers: " + headers);
            System.out.println("parts: "
                    + Arrays.stream(context.getBeanDefinitionNames())
                            .filter(name -> name.startsWith("io.processpool.spring."))
                            .filter(name -> name.endsWith("AutoConfiguration"))
                            .map(name -> name.substring(name.lastIndexOf('.') + 1))
                            .sorted()
                            .toList());
        }
    }
}
