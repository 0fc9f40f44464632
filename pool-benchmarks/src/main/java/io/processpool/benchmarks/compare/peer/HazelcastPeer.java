package io.processpool.benchmarks.compare.peer;

import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.core.HazelcastInstance;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Hazelcast's executor service: two member JVMs of one executor thread each on loopback, and a client in this JVM. */
final class HazelcastPeer extends ExecutorPeer {

    static final String CLUSTER = "comparison";
    static final String EXECUTOR = "work";

    private final Cluster cluster;

    HazelcastPeer() throws IOException {
        this(Cluster.start());
    }

    private HazelcastPeer(Cluster cluster) {
        super(cluster.client().getExecutorService(EXECUTOR));
        this.cluster = cluster;
    }

    /** No calls home, no log, loopback only. */
    static void silence(Properties properties) {
        properties.setProperty("hazelcast.phone.home.enabled", "false");
        properties.setProperty("hazelcast.logging.type", "none");
        properties.setProperty("hazelcast.socket.bind.any", "false");
        properties.setProperty("hazelcast.shutdownhook.enabled", "false");
        properties.setProperty("hazelcast.client.statistics.enabled", "false");
    }

    @Override
    ExecutorService fresh() {
        throw new UnsupportedOperationException("A cluster is not started for one task");
    }

    @Override
    public List<Long> workerPids() {
        return cluster.members().stream().map(Process::pid).toList();
    }

    @Override
    public void close() {
        cluster.close();
    }

    /** The member processes and the client. */
    private record Cluster(List<Process> members, HazelcastInstance client) implements AutoCloseable {

        /** What Hazelcast wants to be opened on JDK 17 and later. */
        private static final List<String> OPTIONS = List.of(
                "--add-modules",
                "java.se",
                "--add-exports",
                "java.base/jdk.internal.ref=ALL-UNNAMED",
                "--add-opens",
                "java.base/java.lang=ALL-UNNAMED",
                "--add-opens",
                "java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens",
                "java.management/sun.management=ALL-UNNAMED",
                "--add-opens",
                "jdk.management/com.sun.management.internal=ALL-UNNAMED");

        static Cluster start() throws IOException {
            List<Integer> ports = freePorts();
            String all = ports.stream().map(String::valueOf).collect(Collectors.joining(","));
            List<Process> members = new ArrayList<>();
            try {
                for (int port : ports) {
                    members.add(ChildJvm.start(
                            HazelcastMember.class, OPTIONS, String.valueOf(port), String.valueOf(ports.size()), all));
                }
                for (Process member : members) {
                    awaitReady(member);
                }
                return new Cluster(members, client(ports));
            } catch (IOException | RuntimeException e) {
                members.forEach(Process::destroyForcibly);
                throw e;
            }
        }

        private static List<Integer> freePorts() throws IOException {
            InetAddress loopback = InetAddress.getByName("127.0.0.1");
            try (ServerSocket one = new ServerSocket(0, 1, loopback);
                    ServerSocket two = new ServerSocket(0, 1, loopback)) {
                return IntStream.of(one.getLocalPort(), two.getLocalPort())
                        .boxed()
                        .toList();
            }
        }

        private static void awaitReady(Process member) throws IOException {
            BufferedReader output =
                    new BufferedReader(new InputStreamReader(member.getInputStream(), StandardCharsets.UTF_8));
            String line = output.readLine();
            while (line != null && !line.equals(HazelcastMember.READY)) {
                line = output.readLine();
            }
            if (line == null) {
                throw new IOException("A Hazelcast member ended before it was ready: pid=" + member.pid());
            }
        }

        private static HazelcastInstance client(List<Integer> ports) {
            ClientConfig config = new ClientConfig();
            config.setClusterName(CLUSTER);
            silence(config.getProperties());
            ports.forEach(port -> config.getNetworkConfig().addAddress("127.0.0.1:" + port));
            return HazelcastClient.newHazelcastClient(config);
        }

        @Override
        public void close() {
            client.shutdown();
            members.forEach(Process::destroyForcibly);
        }
    }
}
