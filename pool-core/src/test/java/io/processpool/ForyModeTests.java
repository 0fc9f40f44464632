package io.processpool;

import org.junit.jupiter.api.Nested;

/** What holds of values with JDK serialization holds with Fory. */
class ForyModeTests {

    @Nested
    class Serialization extends ForyContract {
        Serialization() {
            super(Mode.INLINE);
        }
    }

    @Nested
    class Apply extends ApplyContract {
        Apply() {
            super(Mode.INLINE);
        }

        @Override
        ProcessPool.Builder configured(ProcessPool.Builder builder) {
            return builder.codec(ForyContract.codec());
        }
    }

    @Nested
    class Maps extends MapContract {
        Maps() {
            super(Mode.INLINE);
        }

        @Override
        ProcessPool.Builder configured(ProcessPool.Builder builder) {
            return builder.codec(ForyContract.codec());
        }
    }
}
