package io.processpool.benchmarks.compare.peer;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import java.io.IOException;

/** A member of the cluster of {@link HazelcastPeer}: says when it is ready, ends when its stdin ends. */
final class HazelcastMember {

    /** What a member prints when the cluster has the size that it was told. */
    static final String READY = "ready";

    private static final long FORM_MILLIS = 30_000;
    private static final long LOOK_MILLIS = 50;

    private HazelcastMember() {}

    /** Runs until stdin ends. Arguments: its port, the size of the cluster, the ports of all members. */
    public static void main(String[] args) throws Exception {
        int size = Integer.parseInt(args[1]);
        HazelcastInstance member = Hazelcast.newHazelcastInstance(config(Integer.parseInt(args[0]), args[2]));
        long start = System.nanoTime();
        while (member.getCluster().getMembers().size() < size && System.nanoTime() - start < FORM_MILLIS * 1_000_000) {
            Thread.sleep(LOOK_MILLIS);
        }
        System.out.println(READY);
        awaitEndOfInput();
        Runtime.getRuntime().halt(0);
    }

    private static void awaitEndOfInput() throws IOException {
        while (System.in.read() >= 0) {
            // nothing is said to a member
        }
    }

    private static Config config(int port, String members) {
        Config config = new Config();
        config.setClusterName(HazelcastPeer.CLUSTER);
        HazelcastPeer.silence(config.getProperties());
        config.getNetworkConfig().setPort(port).setPortAutoIncrement(false);
        config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
        JoinConfig join = config.getNetworkConfig().getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(true);
        for (String other : members.split(",")) {
            join.getTcpIpConfig().addMember("127.0.0.1:" + other);
        }
        config.getExecutorConfig(HazelcastPeer.EXECUTOR).setPoolSize(1).setStatisticsEnabled(false);
        return config;
    }
}
