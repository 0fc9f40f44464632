package io.processpool.internal.transport;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * Tells by whose process a connection was made, where the system knows that: on Unix domain sockets of Linux and macOS. It is a
 * second lock beside the mode of the socket's directory; the token is the third.
 */
final class Peers {

    private final @Nullable UserPrincipal expected;

    private Peers(@Nullable UserPrincipal expected) {
        this.expected = expected;
    }

    /** Expects the user to whom the socket belongs; anybody if it is a port. */
    static Peers of(ServerSocketChannel server) {
        try {
            return server.getLocalAddress() instanceof UnixDomainSocketAddress unix
                    ? expecting(Files.getOwner(unix.getPath(), LinkOption.NOFOLLOW_LINKS))
                    : new Peers(null);
        } catch (IOException | UnsupportedOperationException | SecurityException e) {
            return new Peers(null);
        }
    }

    /** Expects a user. */
    static Peers expecting(UserPrincipal user) {
        return new Peers(user);
    }

    /** Returns the user who has connected if it is not the one who is expected; null if it is, or nobody knows. */
    @Nullable
    UserPrincipal stranger(SocketChannel socket) {
        if (expected == null) {
            return null;
        }
        UserPrincipal user;
        try {
            user = Credentials.of(socket);
        } catch (LinkageError e) {
            return null;
        }
        return user == null || user.equals(expected) ? null : user;
    }

    /** Apart, since a runtime image may lack the module {@code jdk.net}. */
    private static final class Credentials {

        static @Nullable UserPrincipal of(SocketChannel socket) {
            try {
                return socket.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
            } catch (IOException | UnsupportedOperationException e) {
                return null;
            }
        }
    }
}
