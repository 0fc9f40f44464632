package io.processpool.spring;

import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings that are not those of one pool.
 *
 * @param enabled Whether there are pools at all, with health, metrics and endpoint.
 * @param taskExecutor Whether there is a bean 'processPoolTaskExecutor' that hands tasks to the default pool.
 * @param historySize How many exits and failures of workers are kept for the endpoint, for each pool.
 * @param lifecycle When pools start and stop.
 * @param pools Named pools, each a bean of that name. They inherit what is set directly below 'processpool'.
 */
@ConfigurationProperties("processpool")
public record ProcessPoolProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("true") boolean taskExecutor,
        @DefaultValue("50") int historySize,
        @DefaultValue Lifecycle lifecycle,
        @DefaultValue Map<String, PoolProperties> pools) {

    /** The phase of the pools: stops after the executors of {@code @Async} and scheduled tasks, starts before them. */
    public static final int DEFAULT_PHASE = Integer.MAX_VALUE / 2 - 1024;

    /** Copies the map. */
    public ProcessPoolProperties {
        pools = Map.copyOf(pools);
    }

    /**
     * When pools start and stop.
     *
     * @param phase Phase of the lifecycle. By default pools stop after the web server, '@Async' and scheduled tasks.
     * @param stop When pools are drained as the context closes.
     */
    public record Lifecycle(
            @DefaultValue("" + DEFAULT_PHASE) int phase,
            @DefaultValue("auto") StopMode stop) {}
}
