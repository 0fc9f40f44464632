package io.processpool.internal.process;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Tests of processes: each has a fixture of its own, and leaves nothing behind. */
@ExtendWith(LeakCheck.class)
abstract class LaunchTestBase {

    @TempDir
    Path temp;

    LaunchFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new LaunchFixture(temp);
    }

    @AfterEach
    void tearDown() throws IOException {
        fixture.close();
    }
}
