package io.processpool.internal.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes executable archives as Boot's plugins do: nested jars are stored, all else is compressed. */
final class BootArchiveFixture {

    static final String LAUNCHER = "org.springframework.boot.loader.launch.PropertiesLauncher";

    private final String top;
    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private String manifest;

    private BootArchiveFixture(String top) {
        this.top = top;
        this.manifest = "Manifest-Version: 1.0\nSpring-Boot-Classes: " + top + "classes/\n";
        entries.put("META-INF/", new byte[0]);
        entries.put(LAUNCHER.replace('.', '/') + ".class", new byte[] {1});
        entries.put(top + "classes/", new byte[0]);
    }

    static BootArchiveFixture jar() {
        return new BootArchiveFixture("BOOT-INF/");
    }

    static BootArchiveFixture war() {
        return new BootArchiveFixture("WEB-INF/");
    }

    BootArchiveFixture manifest(String line) {
        manifest += line + "\n";
        return this;
    }

    BootArchiveFixture entry(String name, byte[] content) {
        entries.put(name, content);
        return this;
    }

    BootArchiveFixture classes(String name, String content) {
        return entry(top + "classes/" + name, content.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a jar with one file that has the name of the jar for its content. */
    BootArchiveFixture library(String name) {
        return entry(top + name, nested(name));
    }

    /** Returns the same bytes each time: the time of the entry is not that of the call. */
    static byte[] nested(String content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            ZipEntry entry = new ZipEntry("content.txt");
            entry.setTimeLocal(LocalDateTime.of(2024, 1, 1, 0, 0));
            zip.putNextEntry(entry);
            zip.write(content.getBytes(StandardCharsets.UTF_8));
            zip.closeEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Writes the archive and opens it. */
    BootArchive write(Path file) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            put(zip, "META-INF/MANIFEST.MF", manifest.getBytes(StandardCharsets.UTF_8));
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                put(zip, entry.getKey(), entry.getValue());
            }
        }
        return open(file);
    }

    /** Writes the archive as a directory and opens it. */
    BootArchive explode(Path directory) throws IOException {
        write(directory, "META-INF/MANIFEST.MF", manifest.getBytes(StandardCharsets.UTF_8));
        for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
            write(directory, entry.getKey(), entry.getValue());
        }
        return open(directory);
    }

    private static BootArchive open(Path path) {
        BootArchive archive = BootArchive.at(path);
        if (archive == null) {
            throw new IllegalStateException("no archive: " + path);
        }
        return archive;
    }

    private static void write(Path directory, String name, byte[] content) throws IOException {
        Path file = directory.resolve(name);
        if (name.endsWith("/")) {
            Files.createDirectories(file);
        } else {
            Files.createDirectories(file.getParent());
            Files.write(file, content);
        }
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        if (name.endsWith(".jar")) {
            CRC32 crc = new CRC32();
            crc.update(content);
            entry.setMethod(ZipEntry.STORED);
            entry.setSize(content.length);
            entry.setCrc(crc.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
