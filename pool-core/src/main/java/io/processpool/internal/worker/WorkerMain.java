package io.processpool.internal.worker;

import io.processpool.internal.transport.Endpoint;
import io.processpool.internal.transport.IoLoop;
import io.processpool.internal.transport.SocketConnection;
import io.processpool.internal.wire.Bootstrap;
import io.processpool.internal.wire.Message;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;

/** The main class of a worker process. */
public final class WorkerMain {

    private WorkerMain() {}

    /** Reads the bootstrap from stdin, connects, and serves until the pool says so or is gone. */
    public static void main(String[] args) throws IOException {
        Preload.start();
        byte[] stdin = System.in.readAllBytes();
        if (stdin.length == 0) {
            System.err.println("This is the worker of a ProcessPool; it is started by a pool, not by hand.");
            System.exit(2);
        }
        Bootstrap bootstrap = Bootstrap.read(stdin);
        IoLoop loop = new IoLoop();
        ProcessHost host = new ProcessHost(bootstrap, loop);
        host.ignoreTerminalSignals();
        WorkerSession session = new WorkerSession(host);
        SocketChannel socket;
        try {
            socket = Endpoint.connect(bootstrap.endpoint());
        } catch (IOException e) {
            host.channelClosed(); // the pool's process has died meanwhile
            return;
        }
        SocketConnection connection = new SocketConnection(socket, loop, session);
        connection.start();
        session.connect(connection);
        connection.send(new Message.Hello(bootstrap.token()));
        host.watchParent();
        loop.run();
        while (true) {
            LockSupport.park(); // the process exits; if this thread ended first, the exit code would be 0
        }
    }
}
