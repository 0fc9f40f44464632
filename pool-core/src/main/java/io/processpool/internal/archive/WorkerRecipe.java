package io.processpool.internal.archive;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What decides for which workers an archive is good. Workers of the same recipe share one, whichever pool, or
 * application, they belong to.
 *
 * @param prefix the command that workers are launched with, which may decide what they see of the file system
 * @param options the JVM options of the workers, equal for all of them
 * @param classPath their class path
 */
public record WorkerRecipe(List<String> prefix, List<String> options, String classPath) {

    private static final int KEY_LENGTH = 32;

    /** Copies the lists. */
    public WorkerRecipe {
        prefix = List.copyOf(prefix);
        options = List.copyOf(options);
    }

    /**
     * Returns the name of the archive for these workers. Reads the attributes of all jars.
     *
     * @return letters and digits; equal only if everything is that matters: the JDK, the jars, the options
     * @throws UnsuitableException if there can be no archive
     */
    public String key() throws UnsuitableException {
        List<String> parts = new ArrayList<>();
        parts.addAll(jdk(Path.of(System.getProperty("java.home"))));
        parts.addAll(prefix);
        parts.add("options");
        parts.addAll(ArchivedOptions.select(options));
        parts.add(classPath);
        parts.addAll(ArchivedFiles.marks(classPath));
        return digest(parts);
    }

    /** The very JDK: one that was replaced in place differs in its files, if not in its version. */
    static List<String> jdk(Path home) throws UnsuitableException {
        String vm = System.getProperty("java.vm.name", "");
        if (vm.contains("OpenJ9")) {
            throw new UnsuitableException("the JVM " + vm);
        }
        List<String> parts = new ArrayList<>(List.of(
                "1", // the version of what is archived
                home.toString(),
                vm,
                System.getProperty("java.vm.vendor", ""),
                System.getProperty("java.vm.version", ""),
                System.getProperty("os.arch", "")));
        for (String file : List.of("release", "lib/modules", "lib/server/classes.jsa")) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(home.resolve(file), BasicFileAttributes.class);
                parts.add(
                        attributes.size() + " " + attributes.lastModifiedTime().toMillis());
            } catch (IOException e) {
                parts.add("no " + file);
            }
        }
        return parts;
    }

    /** With lengths, so that no two lists look alike. */
    private static String digest(List<String> parts) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            for (String part : parts) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                sha.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
                sha.update(bytes);
            }
            return HexFormat.of().formatHex(sha.digest()).substring(0, KEY_LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
