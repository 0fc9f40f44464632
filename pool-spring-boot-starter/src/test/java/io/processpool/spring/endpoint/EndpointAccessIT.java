package io.processpool.spring.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.spring.testing.LeavesNoProcess;
import io.processpool.spring.testing.PoolApp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who may see the endpoint, and where. No task runs here, so no worker is launched, but for the last. */
@ExtendWith(LeavesNoProcess.class)
class EndpointAccessIT {

    private static final String LAZY = "processpool.start=lazy";

    @Test
    void default_isNotExposed() {
        try (PoolApp app = PoolApp.start(LAZY, "management.endpoints.web.exposure.include=health")) {
            assertThat(app.get("/health").status()).isEqualTo(200);
            assertThat(app.get("/processpool").status()).isEqualTo(404);
            assertThat(app.context().getBeansOfType(ProcessPoolEndpoint.class)).isEmpty();
        }
    }

    @Test
    void access_readOnly_readsOnly() {
        try (PoolApp app = PoolApp.start(LAZY, "management.endpoint.processpool.access=read-only")) {
            assertThat(app.get("/processpool/default").status()).isEqualTo(200);
            assertThat(app.post("/processpool/default", "{\"workers\": 2}").status())
                    .isEqualTo(405);
            assertThat(app.post("/processpool/default/0", "").status()).isEqualTo(405);
            assertThat(app.delete("/processpool/default/0").status()).isEqualTo(405);
        }
    }

    @Test
    void access_none_isNotThere() {
        try (PoolApp app = PoolApp.start(LAZY, "management.endpoint.processpool.access=none")) {
            assertThat(app.get("/processpool").status()).isEqualTo(404);
        }
    }

    @Test
    void pool_shutDown_refusesChanges() {
        try (PoolApp app = PoolApp.start(LAZY)) {
            app.pool().shutdown();

            PoolApp.Answer answer = app.post("/processpool/default", "{\"workers\": 2}");

            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.at("/message").asString()).contains("pool=default", "state=terminated");
        }
    }

    @Test
    void managementPort_own_servesThereOnly() {
        try (PoolApp app = PoolApp.start(
                "processpool.workers=1",
                "processpool.start=ready",
                "management.server.port=0",
                "management.server.address=127.0.0.1",
                "management.endpoint.health.show-components=always",
                "management.endpoint.processpool.access=unrestricted")) {
            assertThat(app.getFromMainPort("/actuator/processpool").status()).isEqualTo(404);
            assertThat(app.get("/processpool/default/0").at("/state").asString())
                    .isEqualTo("idle");
            assertThat(app.post("/processpool/default", "{\"workers\": 0}")
                            .at("/message")
                            .asString())
                    .isEqualTo("workers must be >= 1: workers=0");
            assertThat(app.delete("/processpool/default/0").status()).isEqualTo(200);
            assertThat(app.get("/health/processPool").at("/status").asString()).isEqualTo("UP");
            assertThat(app.get("/prometheus").body()).contains("processpool_workers{");
        }
    }
}
