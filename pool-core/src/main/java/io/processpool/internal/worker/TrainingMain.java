package io.processpool.internal.worker;

import io.processpool.internal.process.RuntimeDirectory;
import io.processpool.internal.transport.Endpoint;
import io.processpool.internal.transport.IoLoop;
import io.processpool.internal.transport.SharedMemory;
import io.processpool.internal.transport.SocketConnection;
import io.processpool.internal.wire.Bootstrap;
import io.processpool.internal.wire.FlightRecorder;
import io.processpool.internal.wire.Message;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * The main class of a process that makes an archive of the classes that workers load. It is a worker and, on the other
 * end of a socket, the pool that gives it a few tasks; none of them is the user's. The JVM writes the archive when the
 * worker exits, as it was told on the command line.
 */
public final class TrainingMain {

    private TrainingMain() {}

    /**
     * Trains and exits.
     *
     * @param args a directory for the files of the training; a file that lies where archives are kept; and, if it is to do no
     *     more than look, the exit code for the case that it can read that file, and not write to the directory
     */
    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        Path readable = Path.of(args[1]);
        if (args.length == 2) {
            Preload.start();
        }
        Bootstrap bootstrap = Bootstrap.read(System.in.readAllBytes());
        if (!Files.isReadable(readable)) {
            System.err.println("Workers could not read archives here: " + readable);
            System.exit(2);
        }
        if (args.length > 2) {
            System.exit(Files.isWritable(directory) ? 1 : Integer.parseInt(args[2]));
        }
        Path recorder = directory.resolve("training.rec");
        FlightRecorder.create(recorder);
        IoLoop loop = new IoLoop();
        ProcessHost host = new ProcessHost(bootstrap, loop);
        host.ignoreTerminalSignals();
        host.watchParent();
        WorkerSession session = new WorkerSession(host);
        try (ServerSocketChannel server = Endpoint.listen(directory.resolve("t.sock"))) {
            SocketConnection worker = new SocketConnection(Endpoint.connect(Endpoint.describe(server)), loop, session);
            TrainingPool pool = new TrainingPool(recorder, host::endIfOrphaned);
            SocketConnection other = SocketConnection.toWorker(server.accept(), loop, pool);
            pool.connect(other);
            other.start();
            worker.start();
            session.connect(worker);
            other.offer(SharedMemory.create(directory.resolve("training.mem"), RuntimeDirectory.privateFile()));
            worker.send(new Message.Hello(bootstrap.token()));
            loop.run();
        }
        while (true) {
            LockSupport.park(); // the process exits; if this thread ended first, the exit code would be 0
        }
    }
}
