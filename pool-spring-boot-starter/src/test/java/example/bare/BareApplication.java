package example.bare;

import java.time.Duration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** A web application without a page. It ends once it has started. */
@SpringBootApplication
public class BareApplication {

    public static void main(String[] args) {
        try (ConfigurableApplicationContext context = SpringApplication.run(BareApplication.class, args)) {
            Duration cpu = ProcessHandle.current().info().totalCpuDuration().orElseThrow();
            System.out.println("CPU TIME: " + cpu.toMillis() + " ms");
            System.out.println("HAS A POOL: " + context.containsBean("processPool"));
        }
    }
}
