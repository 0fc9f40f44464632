package io.processpool;

import static io.processpool.Lifecycle.awaitEnd;
import static io.processpool.Lifecycle.awaitIdle;
import static io.processpool.Lifecycle.inThread;
import static io.processpool.Lifecycle.only;
import static io.processpool.Lifecycle.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.processpool.testing.LeavesNothingBehind;
import io.processpool.testing.Signs;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A large array is lent to {@code apply}, not copied: it is the caller's again when that returns, however it does. */
@ExtendWith(LeavesNothingBehind.class)
class LentArgumentIT {

    /** More than all buffers on the way hold. */
    private static final int LARGE = 32 << 20;

    @TempDir
    Path directory;

    private static byte[] filled(int value) {
        byte[] bytes = new byte[LARGE];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    /** Says what it was given, also if nobody wants to know any more. */
    private static boolean tell(Signs signs, byte[] bytes) {
        boolean whole = bytes.length == LARGE && Arrays.equals(bytes, filled(7));
        signs.give(whole ? "whole" : "torn");
        return whole;
    }

    // The call must not return before the last byte has left: what the caller does with the array then, no worker sees.
    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void apply_interruptedWhileItsArgumentIsOnTheWay_nobodySeesWhatTheCallerDoesWithItAfterwards() throws Exception {
        Signs signs = Signs.in(directory);
        byte[] argument = filled(7);
        AtomicReference<Thread> caller = new AtomicReference<>();
        try (ProcessPool pool = ProcessPool.create(1)) {
            awaitIdle(pool, 1);
            long pid = only(pool).pid();
            signal("STOP", pid);
            CompletableFuture<Void> call = inThread(() -> {
                caller.set(Thread.currentThread());
                assertThatThrownBy(() -> pool.apply(bytes -> tell(signs, bytes), argument))
                        .isInstanceOf(ProcessPoolException.class)
                        .hasMessageContaining("interrupted");
                Arrays.fill(argument, (byte) 8);
                assertThat(Thread.interrupted()).isTrue();
            });
            await().untilAsserted(() -> assertThat(caller.get()).isNotNull());
            await().untilAsserted(() -> assertThat(caller.get().getState()).isEqualTo(Thread.State.WAITING));

            caller.get().interrupt();

            signal("CONT", pid);
            awaitEnd(call);
            assertThat(pool.apply(Deeds::pid)).isEqualTo(pid); // what was sent before has been dealt with
        }
        assertThat(signs.given("torn")).isFalse();
    }

    @Test
    void apply_argumentIsChangedAfterwards_theNextCallSeesThat() {
        byte[] argument = filled(7);
        try (ProcessPool pool = ProcessPool.create(1)) {
            byte[] before = pool.apply(bytes -> bytes, argument);
            argument[LARGE / 2] = 9;
            byte[] after = pool.apply(bytes -> bytes, argument);

            assertThat(before).isEqualTo(filled(7));
            assertThat(after).isEqualTo(argument).isNotEqualTo(before);
        }
    }

    @Test
    void applyAsync_argumentIsChangedAtOnce_theTaskSeesItAsItWas() throws Exception {
        byte[] argument = filled(7);
        Signs signs = Signs.in(directory);
        try (ProcessPool pool = ProcessPool.create(1)) {
            TaskFuture<Long> first = pool.applyAsync(() -> Deeds.gated(signs, "begun", "go"));
            TaskFuture<Boolean> second = pool.applyAsync(bytes -> tell(signs, bytes), argument);
            Arrays.fill(argument, (byte) 8);
            signs.give("go");

            assertThat(second.get()).isTrue();
            assertThat(first.get()).isPositive();
        }
    }
}
