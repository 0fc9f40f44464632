package example.shop;

import java.util.List;
import java.util.stream.Collectors;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Where the tests ask. Without a web server, the application has one customer and ends. */
@RestController
class Counter {

    private final Shop shop;
    private final ConfigurableApplicationContext context;

    Counter(Shop shop, ConfigurableApplicationContext context) {
        this.shop = shop;
        this.context = context;
    }

    @EventListener(ApplicationReadyEvent.class)
    void open() {
        System.out.println("FIRST RECEIPTS " + receipts("first"));
        System.out.println("LOADER " + Receipt.class.getClassLoader().getClass().getSimpleName());
        System.out.println("CLASS PATH " + classPath());
        System.out.println("SHOP OPEN " + context.getEnvironment().getProperty("local.server.port", "0"));
    }

    @GetMapping("/receipts/{order}")
    String receipts(@PathVariable String order) {
        List<Receipt> receipts = shop.receipts(order);
        return receipts.stream().map(Counter::line).collect(Collectors.joining(" "));
    }

    @GetMapping("/receipt-once/{order}")
    String receiptOnce(@PathVariable String order, @RequestParam String directory) {
        return line(shop.receiptOnce(order, directory)) + " served by "
                + (Thread.currentThread().toString().startsWith("Virtual") ? "a virtual thread" : "a thread");
    }

    private static String line(Receipt receipt) {
        return receipt.order() + "/" + receipt.pool() + "/" + receipt.pid();
    }

    @GetMapping("/class-path")
    String classPath() {
        return shop.classPath();
    }

    @GetMapping("/read")
    String read(@RequestParam String resource) {
        return shop.read(resource);
    }

    @GetMapping("/workers")
    String workers() {
        return shop.workers().stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    /** Ends the application once this request is answered. */
    @GetMapping("/exit")
    String exit() {
        Thread thread = new Thread(() -> System.exit(SpringApplication.exit(context, () -> 7)), "exit");
        thread.setDaemon(false); // a thread of the server may be one
        thread.start();
        return "bye";
    }
}
