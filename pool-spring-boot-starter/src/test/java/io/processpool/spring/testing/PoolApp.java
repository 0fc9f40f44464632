package io.processpool.spring.testing;

import io.processpool.ProcessPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An application as users have it: auto-configured, a real server on loopback, Actuator asked by HTTP. */
public final class PoolApp implements AutoCloseable {

    /** Longer than anything takes here, even on a busy machine. */
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Map<String, String> DEFAULTS = Map.of(
            "spring.main.banner-mode", "off",
            "server.address", "127.0.0.1",
            "server.port", "0",
            "management.otlp.metrics.export.enabled", "false",
            "management.endpoints.web.exposure.include", "processpool,health,prometheus,metrics");

    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient client = HttpClient.newHttpClient();
    private final ConfigurableApplicationContext context;

    private PoolApp(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** What came back. */
    public record Answer(int status, String type, String body) {

        /** Returns the body as JSON. */
        public JsonNode json() {
            return JSON.readTree(body);
        }

        /** Returns what stands at a JSON pointer. */
        public JsonNode at(String pointer) {
            return json().at(pointer);
        }
    }

    /** Nothing but auto-configuration. */
    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    public static class Configuration {}

    /** Starts it with these properties, the endpoint exposed. */
    public static PoolApp start(String... properties) {
        return start(List.of(), properties);
    }

    /** Starts it with further configuration. */
    public static PoolApp start(List<Class<?>> configurations, String... properties) {
        Map<String, String> arguments = new LinkedHashMap<>(DEFAULTS);
        for (String property : properties) {
            int equals = property.indexOf('=');
            arguments.put(property.substring(0, equals), property.substring(equals + 1));
        }
        SpringApplicationBuilder builder = new SpringApplicationBuilder(Configuration.class);
        configurations.forEach(builder::sources);
        return new PoolApp(builder.run(arguments.entrySet().stream()
                .map(argument -> "--" + argument.getKey() + "=" + argument.getValue())
                .toArray(String[]::new)));
    }

    /** Returns its context. */
    public ConfigurableApplicationContext context() {
        return context;
    }

    /** Returns its default pool. */
    public ProcessPool pool() {
        return context.getBean(ProcessPool.class);
    }

    /** Returns a pool by the name of its bean. */
    public ProcessPool pool(String bean) {
        return context.getBean(bean, ProcessPool.class);
    }

    /** GET of a path below {@code /actuator}. */
    public Answer get(String path) {
        return send(request(path).GET());
    }

    /** POST of JSON, which may be empty. */
    public Answer post(String path, String json) {
        return send(request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
    }

    /** DELETE of a path below {@code /actuator}. */
    public Answer delete(String path) {
        return send(request(path).DELETE());
    }

    /** GET of anything on the main port. */
    public Answer getFromMainPort(String path) {
        return getFromMainPort(path, Map.of());
    }

    /** GET of anything on the main port, with headers. */
    public Answer getFromMainPort(String path, Map<String, String> headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(port("local.server.port"), path)).timeout(PATIENCE);
        headers.forEach(request::header);
        return send(request);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(port("local.management.port"), "/actuator" + path))
                .timeout(PATIENCE);
    }

    private int port(String property) {
        return context.getEnvironment().getRequiredProperty(property, Integer.class);
    }

    private static URI uri(int port, String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
            String type = response.headers().firstValue("Content-Type").orElse("");
            return new Answer(response.statusCode(), type, response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
