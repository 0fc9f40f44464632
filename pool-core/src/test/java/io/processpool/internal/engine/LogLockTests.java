package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.processpool.RetireReason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** An appender may block, on a disk or a lock of its own: none is called by who holds the pool's lock, or by the timer. */
@Timeout(60)
class LogLockTests {

    private final FleetFixture pool = new FleetFixture(2, 0);
    private final Logger logger = (Logger) LoggerFactory.getLogger(FleetFixture.class.getPackageName());
    private final Level level = logger.getLevel();
    private final List<String> logged = new ArrayList<>();
    private final List<String> underTheLock = new ArrayList<>();

    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            (pool.lock.isHeldByCurrentThread() ? underTheLock : logged).add(event.getFormattedMessage());
        }
    };

    @BeforeEach
    void listen() {
        pool.settle();
        logger.setLevel(Level.DEBUG);
        appender.start();
        logger.addAppender(appender);
    }

    @AfterEach
    void close() {
        logger.detachAppender(appender);
        logger.setLevel(level);
        pool.close();
    }

    private void assertLoggedLater(String message) {
        assertThat(underTheLock).isEmpty();
        assertThat(logged).as("by the thread that changed something").isEmpty();
        pool.housekeeping.runAll();
        assertThat(underTheLock).isEmpty();
        assertThat(logged).anyMatch(line -> line.contains(message));
    }

    @Test
    void zombie_isLoggedByHousekeeping() {
        Watch watch = new Watch(pool, pool.fleet);
        Worker silent = pool.worker("0.0");

        pool.locked(after -> watch.ask(silent, silent.heardAt + TimeUnit.MINUTES.toNanos(2), false, after));

        assertLoggedLater("has not answered for 120 s");
    }

    @Test
    void kill_isLoggedByHousekeeping() {
        pool.fleet.kill(pool.worker("0.0"));

        assertLoggedLater("is killed");
    }

    @Test
    void retire_isLoggedByHousekeeping() {
        Worker idle = pool.worker("0.0");

        pool.locked(after -> pool.fleet.retire(idle, RetireReason.REQUESTED, after));

        assertLoggedLater("retires: REQUESTED");
    }
}
