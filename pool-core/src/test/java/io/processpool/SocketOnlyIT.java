package io.processpool;

import org.junit.jupiter.api.Nested;

/** Processes without shared memory: all goes through their sockets. */
class SocketOnlyIT {

    @Nested
    class Apply extends ApplyContract {
        Apply() {
            super(Mode.PROCESS);
        }

        @Override
        ProcessPool.Builder configured(ProcessPool.Builder builder) {
            return builder.sharedMemory(false);
        }
    }

    @Nested
    class Maps extends MapContract {
        Maps() {
            super(Mode.PROCESS);
        }

        @Override
        ProcessPool.Builder configured(ProcessPool.Builder builder) {
            return builder.sharedMemory(false);
        }
    }

    @Nested
    class LazyMap extends LazyMapContract {
        LazyMap() {
            super(Mode.PROCESS);
        }

        @Override
        ProcessPool.Builder configured(ProcessPool.Builder builder) {
            return builder.sharedMemory(false);
        }
    }

    @Nested
    class Loss extends WorkerLossIT {
        @Override
        ProcessPool.Builder configured(ProcessPool.Builder builder) {
            return builder.sharedMemory(false);
        }
    }
}
