package io.processpool.internal.process;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/**
 * Writes the {@link BootContents} of an archive to a directory, as jars and nothing else:
 *
 * <pre>
 *   classes/app.jar       the classes, not compressed, with the manifest of the archive
 *   1/first.jar           the jars as they are, each in a directory of its own: so no two of the same name meet,
 *   2/second.jar          and no jar's manifest finds another one, which the launcher would not let it either
 * </pre>
 *
 * <p>For one thread.
 */
final class BootExtractor {

    private static final int BUFFER = 64 << 10;

    private final Path directory;
    private final BooleanSupplier cancelled;
    private final byte[] buffer = new byte[BUFFER];

    /**
     * Makes one.
     *
     * @param directory where to write, an empty directory
     * @param cancelled whether to give up
     */
    BootExtractor(Path directory, BooleanSupplier cancelled) {
        this.directory = directory;
        this.cancelled = cancelled;
    }

    /**
     * Writes the files.
     *
     * @return them, in the order of the class path
     * @throws IOException if that is not possible; what was written is left to the caller
     */
    List<Path> extract(JarFile archive, BootContents contents) throws IOException {
        List<Path> classPath = new ArrayList<>();
        if (!contents.classes().isEmpty()) {
            classPath.add(pack(archive, contents));
        }
        int number = 0;
        for (JarEntry entry : contents.libraries()) {
            number++;
            Path file = newFile(String.valueOf(number), BootContents.fileName(entry));
            try (OutputStream out = create(file)) {
                copy(archive, entry, out);
            }
            classPath.add(file);
        }
        return classPath;
    }

    private Path newFile(String parent, String name) throws IOException {
        Path home = Files.createDirectory(directory.resolve(parent), RuntimeDirectory.privateMode("rwx------"));
        Path file = home.resolve(name);
        if (!home.equals(file.getParent())) {
            throw new IOException("an entry has a name that leads elsewhere: " + name);
        }
        return file;
    }

    private static OutputStream create(Path file) throws IOException {
        return Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private Path pack(JarFile archive, BootContents contents) throws IOException {
        Path file = newFile("classes", "app.jar");
        Set<String> manifestNames = Set.of("META-INF/", JarFile.MANIFEST_NAME);
        try (OutputStream out = new BufferedOutputStream(create(file), BUFFER);
                JarOutputStream jar = new JarOutputStream(out)) {
            Manifest manifest = manifest(archive);
            if (manifest != null) {
                jar.putNextEntry(new ZipEntry("META-INF/"));
                jar.closeEntry();
                jar.putNextEntry(new ZipEntry(JarFile.MANIFEST_NAME));
                manifest.write(jar);
                jar.closeEntry();
            }
            for (JarEntry entry : contents.classes()) {
                String name = entry.getName().substring(contents.prefix().length());
                if (manifest == null || !manifestNames.contains(name)) {
                    jar.putNextEntry(stored(name, entry));
                    copy(archive, entry, jar);
                    jar.closeEntry();
                }
            }
        }
        return file;
    }

    /** The packages of the classes have their versions from it. What it says about other jars is meant for elsewhere. */
    private static @Nullable Manifest manifest(JarFile archive) throws IOException {
        Manifest original = archive.getManifest();
        if (original == null) {
            return null;
        }
        Manifest manifest = new Manifest(original);
        manifest.getMainAttributes().remove(Attributes.Name.CLASS_PATH);
        return manifest;
    }

    /** Not compressed: it is read at once, and often. */
    private static ZipEntry stored(String name, JarEntry original) {
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(original.getTime());
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(original.getSize());
        entry.setCrc(original.getCrc());
        return entry;
    }

    /** Checks what it copies: somebody may be replacing the archive of a running application. */
    private void copy(JarFile archive, JarEntry entry, OutputStream out) throws IOException {
        long left = entry.getSize();
        CRC32 crc = new CRC32();
        try (InputStream in = archive.getInputStream(entry)) {
            while (true) {
                if (cancelled.getAsBoolean()) {
                    throw new IOException("given up");
                }
                int count = in.read(buffer);
                if (count < 0) {
                    break;
                }
                left -= count;
                if (left < 0) {
                    break;
                }
                crc.update(buffer, 0, count);
                out.write(buffer, 0, count);
            }
        }
        if (left != 0 || crc.getValue() != entry.getCrc()) {
            throw new IOException("an entry is not what the directory of the archive says: " + entry.getName());
        }
    }
}
