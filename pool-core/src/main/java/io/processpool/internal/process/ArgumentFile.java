package io.processpool.internal.process;

import io.processpool.WorkerStartException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;

/**
 * A file of arguments for the {@code java} launcher ({@code java @file}), so that no class path is too long for a
 * command line. Only its owner can read it.
 *
 * <p>Each argument is written in double quotes, on a line of its own. Within quotes the launcher knows only the
 * backslash; it works on bytes, in the platform's own encoding whatever the default character set is.
 */
final class ArgumentFile {

    private final Path path;

    private ArgumentFile(Path path) {
        this.path = path;
    }

    /**
     * Writes a new file.
     *
     * @throws WorkerStartException if it cannot be written, or the platform's encoding lacks a character
     */
    static ArgumentFile write(Path path, List<String> arguments) {
        byte[] bytes = format(arguments, nativeCharset());
        try (FileChannel channel = FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                RuntimeDirectory.privateMode("rw-------"))) {
            ArgumentFile file = new ArgumentFile(path);
            writeOrDelete(channel, bytes, file);
            return file;
        } catch (IOException e) {
            throw new WorkerStartException(
                    "The arguments of a worker cannot be written (file=" + path + ", bytes=" + bytes.length + "): "
                            + e.getMessage(),
                    e);
        }
    }

    private static void writeOrDelete(FileChannel channel, byte[] bytes, ArgumentFile file) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } catch (IOException e) {
            file.delete();
            throw e;
        }
    }

    /** Returns the encoding in which the launcher reads arguments. */
    static Charset nativeCharset() {
        String name = System.getProperty("sun.jnu.encoding");
        try {
            return name == null ? Charset.defaultCharset() : Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return Charset.defaultCharset();
        }
    }

    static byte[] format(List<String> arguments, Charset charset) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String argument : arguments) {
            out.write('"');
            for (byte octet : encode(argument, charset)) {
                escape(octet, out);
            }
            out.write('"');
            out.write('\n');
        }
        return out.toByteArray();
    }

    private static void escape(byte octet, ByteArrayOutputStream out) {
        switch (octet) {
            case '"', '\\' -> {
                out.write('\\');
                out.write(octet);
            }
            case '\n' -> {
                out.write('\\');
                out.write('n');
            }
            case '\r' -> {
                out.write('\\');
                out.write('r');
            }
            default -> out.write(octet);
        }
    }

    private static byte[] encode(String argument, Charset charset) {
        try {
            ByteBuffer bytes = charset.newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(argument));
            byte[] array = new byte[bytes.remaining()];
            bytes.get(array);
            return array;
        } catch (CharacterCodingException e) {
            throw new WorkerStartException(
                    "An argument of a worker has characters that the platform's encoding lacks; run in a UTF-8 locale,"
                            + " for example with LC_ALL=C.UTF-8 (encoding=" + charset + ", argument="
                            + abbreviate(argument)
                            + ")",
                    e);
        }
    }

    /** Enough to find it, not enough to print a whole class path. */
    private static String abbreviate(String argument) {
        return argument.length() <= 200 ? argument : argument.substring(0, 200) + "...";
    }

    Path path() {
        return path;
    }

    /** Deletes the file. Idempotent, does not throw. */
    void delete() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // it goes with the directory
        }
    }
}
