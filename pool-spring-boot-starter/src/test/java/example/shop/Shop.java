package example.shop;

import example.library.Echo;
import io.processpool.ProcessPool;
import io.processpool.WorkerSnapshot;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Service;

/** A service with the default pool and a named one. */
@Service
class Shop {

    private final ProcessPool pool;
    private final ProcessPool printing;

    Shop(ProcessPool pool, @Qualifier("printing") ProcessPool printing) {
        this.pool = pool;
        this.printing = printing;
    }

    /** Has a receipt of each pool; one is copied by a library, which does not know its class. */
    List<Receipt> receipts(String order) {
        Receipt first = pool.apply(ShopTasks::receipt, order);
        Receipt second = printing.apply(ShopTasks::receipt, order);
        Receipt copy = printing.apply(new Echo<>(), second);
        return List.of(first, copy);
    }

    Receipt receiptOnce(String order, String directory) {
        return pool.apply(() -> ShopTasks.receiptOnce(order, directory));
    }

    String read(String resource) {
        return pool.apply(ShopTasks::read, resource);
    }

    String classPath() {
        return pool.apply(() -> System.getProperty("java.class.path"));
    }

    List<Long> workers() {
        return Stream.of(pool, printing)
                .flatMap(each -> each.activeChildren().stream())
                .map(WorkerSnapshot::pid)
                .toList();
    }
}
