package io.processpool.spring.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.processpool.spring.testing.LeavesNoProcess;
import io.processpool.spring.testing.PoolApp;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Map;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The endpoint over JMX, where an application switches that on. */
@ExtendWith(LeavesNoProcess.class)
class EndpointJmxIT {

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    private Object invoke(String operation, Object... arguments) throws Exception {
        ObjectName name = new ObjectName("org.springframework.boot:type=Endpoint,name=Processpool");
        MBeanOperationInfo info = Arrays.stream(server.getMBeanInfo(name).getOperations())
                .filter(each -> each.getName().equals(operation))
                .findFirst()
                .orElseThrow();
        String[] signature = Arrays.stream(info.getSignature())
                .map(MBeanParameterInfo::getType)
                .toArray(String[]::new);
        return server.invoke(name, operation, arguments, signature);
    }

    @Test
    void jmx_exposed_readsAndChanges() throws Exception {
        try (PoolApp app = PoolApp.start(
                "spring.jmx.enabled=true",
                "management.endpoints.jmx.exposure.include=processpool",
                "processpool.workers=1",
                "processpool.start=ready")) {
            assertThat(((Map<?, ?>) invoke("pools")).get("pools").toString()).contains("default={state=running");
            assertThat(invoke("pool", "default").toString()).contains("workers=[{id=0");
            assertThat(invoke("worker", "default", 0).toString()).contains("state=idle");
            assertThat(invoke("threadDump", "default", 0, "threaddump").toString())
                    .contains("processpool-task");
            assertThat(invoke("change", "default", 2, null).toString()).contains("workersTarget=2");
            assertThat(invoke("pool", "nobody")).isNull();
            assertThatThrownBy(() -> invoke("change", "default", 0, null))
                    .hasStackTraceContaining("workers must be >= 1: workers=0");
            assertThat(invoke("recycle", "default", 0).toString()).contains("id=0");
            assertThat(invoke("kill", "default", 0).toString()).contains("id=0");
        }
    }
}
