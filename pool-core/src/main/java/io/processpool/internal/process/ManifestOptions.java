package io.processpool.internal.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * The JVM options that a jar's manifest stands for when the jar is run with {@code java -jar}. A worker is not started
 * in that way, and so must be given them.
 */
final class ManifestOptions {

    private static final int NATIVE_ACCESS_SINCE = 22;

    private ManifestOptions() {}

    /** Returns the options of this jar; none if it is not one. */
    static List<String> of(Path jar) {
        if (!Files.isRegularFile(jar)) {
            return List.of();
        }
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            return manifest == null ? List.of() : of(manifest.getMainAttributes());
        } catch (IOException | SecurityException e) {
            return List.of();
        }
    }

    static List<String> of(Attributes manifest) {
        List<String> options = new ArrayList<>();
        add(options, "--add-opens=", manifest.getValue("Add-Opens"));
        add(options, "--add-exports=", manifest.getValue("Add-Exports"));
        if (manifest.getValue("Enable-Native-Access") != null
                && Runtime.version().feature() >= NATIVE_ACCESS_SINCE) {
            options.add("--enable-native-access=ALL-UNNAMED");
        }
        return options;
    }

    private static void add(List<String> options, String option, @Nullable String packages) {
        if (packages != null && !packages.isBlank()) {
            for (String each : packages.trim().split("\\s+", -1)) {
                options.add(option + each + "=ALL-UNNAMED");
            }
        }
    }
}
