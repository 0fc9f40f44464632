package io.processpool.spring.health;

import io.processpool.ProcessPool;
import io.processpool.spring.managed.ProcessPools;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;

/** The health of all pools there are at the time of asking. */
final class ProcessPoolsHealth implements CompositeHealthContributor {

    private final ProcessPools pools;

    ProcessPoolsHealth(ProcessPools pools) {
        this.pools = pools;
    }

    @Override
    public @Nullable HealthContributor getContributor(String name) {
        ProcessPool pool = pools.find(name);
        return pool == null ? null : new PoolHealth(pool);
    }

    @Override
    public Stream<HealthContributors.Entry> stream() {
        return pools.all().entrySet().stream()
                .map(entry -> new HealthContributors.Entry(entry.getKey(), new PoolHealth(entry.getValue())));
    }
}
