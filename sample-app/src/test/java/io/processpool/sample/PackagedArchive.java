package io.processpool.sample;

import io.processpool.sample.packaged.PackagedMain;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The application of {@link PackagedMain} as Boot's plugin would package it, with the loader and the libraries out of
 * the archive of the sample application. {@code META-INF/place.txt} says in each part of it which one it is.
 */
final class PackagedArchive {

    private static final String LOADER = "org/springframework/boot/loader/";
    private static final String PLACE = "META-INF/place.txt";

    private final Map<String, byte[]> entries = new LinkedHashMap<>();

    private PackagedArchive(Path sample, String top, String launcher, String more) throws IOException {
        String manifest = "Manifest-Version: 1.0\nMain-Class: org.springframework.boot.loader.launch." + launcher
                + "\nStart-Class: " + PackagedMain.class.getName() + "\nSpring-Boot-Classes: " + top
                + "classes/\nSpring-Boot-Lib: " + top + "lib/\nSpring-Boot-Classpath-Index: " + top
                + "classpath.idx\nImplementation-Version: 7.8.9\nAdd-Opens: java.base/java.lang\n";
        put("META-INF/", "");
        put("META-INF/MANIFEST.MF", manifest);
        put(PLACE, "archive");
        try (JarFile jar = new JarFile(sample.toFile())) {
            for (JarEntry entry : jar.stream().toList()) {
                if (entry.getName().startsWith(LOADER) || entry.getName().equals("META-INF/services/")) {
                    copy(jar, entry, entry.getName());
                }
            }
            put(top, "");
            put(top + "classes/", "");
            put(top + "classes/META-INF/", "");
            put(top + "classes/" + PLACE, "classes");
            String main = PackagedMain.class.getName().replace('.', '/') + ".class";
            try (InputStream in = PackagedMain.class.getClassLoader().getResourceAsStream(main)) {
                entries.put(top + "classes/" + main, in.readAllBytes());
            }
            put(top + "lib/", "");
            StringBuilder index = new StringBuilder();
            library(top + "lib/z.jar", index);
            for (JarEntry entry : jar.stream().toList()) {
                String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
                if (name.matches("(pool-core|slf4j-api|jspecify)-.*\\.jar")) {
                    copy(jar, entry, top + "lib/" + name);
                    index.append("- \"").append(top).append("lib/").append(name).append("\"\n");
                }
            }
            library(top + "lib/a.jar", index);
            if (!more.isEmpty()) {
                library(top + more, index);
            }
            put(top + "classpath.idx", index.toString());
        }
    }

    static PackagedArchive jar(Path sample) throws IOException {
        return new PackagedArchive(sample, "BOOT-INF/", "JarLauncher", "");
    }

    static PackagedArchive war(Path sample) throws IOException {
        return new PackagedArchive(sample, "WEB-INF/", "WarLauncher", "lib-provided/a.jar");
    }

    private void put(String name, String content) {
        entries.put(name, content.getBytes(StandardCharsets.UTF_8));
    }

    private void copy(JarFile jar, JarEntry entry, String name) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            entries.put(name, in.readAllBytes());
        }
    }

    /** A jar whose manifest names another one, which is not for Boot's launcher to follow. */
    private void library(String name, StringBuilder index) throws IOException {
        Map<String, byte[]> content = new LinkedHashMap<>();
        content.put(
                "META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nClass-Path: a.jar\n".getBytes(StandardCharsets.UTF_8));
        content.put(PLACE, name.substring(name.indexOf('/') + 1).getBytes(StandardCharsets.UTF_8));
        entries.put(name, zip(content));
        index.append("- \"").append(name).append("\"\n");
    }

    /** Writes it as one file. */
    Path write(Path file) throws IOException {
        return Files.write(file, zip(entries));
    }

    /** Writes it as a directory. */
    Path explode(Path directory) throws IOException {
        for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
            Path file = directory.resolve(entry.getKey());
            Files.createDirectories(entry.getKey().endsWith("/") ? file : file.getParent());
            if (!entry.getKey().endsWith("/")) {
                Files.write(file, entry.getValue());
            }
        }
        return directory;
    }

    private static byte[] zip(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                ZipEntry entry = new ZipEntry(each.getKey());
                if (each.getKey().endsWith(".jar")) {
                    CRC32 crc = new CRC32();
                    crc.update(each.getValue());
                    entry.setMethod(ZipEntry.STORED);
                    entry.setSize(each.getValue().length);
                    entry.setCrc(crc.getValue());
                }
                zip.putNextEntry(entry);
                zip.write(each.getValue());
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }
}
