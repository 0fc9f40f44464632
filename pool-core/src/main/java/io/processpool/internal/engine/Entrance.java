package io.processpool.internal.engine;

import io.processpool.WorkerStartException;
import io.processpool.internal.process.RuntimeDirectory;
import io.processpool.internal.transport.Acceptor;
import io.processpool.internal.transport.Endpoint;
import io.processpool.internal.transport.IoLoop;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the workers of a pool come in: its socket, in its directory. Directories for temporary files are tidied up, so both
 * may be deleted while the pool lives. Workers that have come in do not need them any more; for the next one, both are made
 * anew, under another name: what now has the old one may be somebody else's.
 *
 * <p>Thread-safe.
 */
final class Entrance {

    private static final Logger LOG = LoggerFactory.getLogger(Entrance.class);
    private static final String SOCKET = "pool.sock";

    /** Takes the place of the socket in the directory, where workers come in through a port. */
    private static final String NO_FILE = "";

    /**
     * What a worker has to know.
     *
     * @param endpoint where to connect to
     * @param directory the directory of the pool
     */
    record Address(String endpoint, String directory) {}

    private final String poolName;
    private final RuntimeDirectory directory;
    private final IoLoop loop;
    private final Acceptor.Gate gate;
    private final ScheduledExecutorService timer;

    // Guarded by this.
    private Acceptor acceptor;
    private Address address;
    private String file;

    /** Begins to listen; before the loop runs. */
    Entrance(
            String poolName,
            RuntimeDirectory directory,
            IoLoop loop,
            Acceptor.Gate gate,
            ScheduledExecutorService timer)
            throws IOException {
        this.poolName = poolName;
        this.directory = directory;
        this.loop = loop;
        this.gate = gate;
        this.timer = timer;
        ServerSocketChannel server = Endpoint.listen(directory.resolve(SOCKET));
        this.address = new Address(Endpoint.describe(server), directory.path().toString());
        this.file = Endpoint.isFile(server) ? SOCKET : NO_FILE;
        this.acceptor = new Acceptor(server, loop, gate, timer);
        acceptor.start();
    }

    /** Returns where workers come in at present. */
    synchronized Address address() {
        return address;
    }

    /**
     * Returns where the next worker comes in, and makes sure that it can. Looks at files.
     *
     * @throws WorkerStartException if that is not possible
     */
    synchronized Address open() {
        if (!directory.has(file)) {
            renew();
        }
        return address;
    }

    private void renew() {
        String lost = address.directory();
        directory.renew();
        try {
            ServerSocketChannel server = Endpoint.listen(directory.resolve(SOCKET));
            acceptor.stopSoon();
            acceptor = new Acceptor(server, loop, gate, timer);
            acceptor.startSoon();
            address = new Address(Endpoint.describe(server), directory.path().toString());
            file = Endpoint.isFile(server) ? SOCKET : NO_FILE;
        } catch (IOException e) {
            throw new WorkerStartException(
                    "The pool cannot listen for its workers any more: " + e + " (pool=" + poolName + ", directory="
                            + directory + ")",
                    e);
        }
        LOG.warn(
                "somebody has deleted {}, the directory of pool {}, or a file in it; the pool goes on with {}. Exclude"
                        + " processpool-* from what tidies up there",
                lost,
                poolName,
                directory);
    }
}
