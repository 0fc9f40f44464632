package io.processpool.internal.process;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * What lies on the class path of a packed executable archive, in the order in which its launcher searches it: first the
 * classes, then the jars as they follow one another in the archive, which is the order of its index.
 *
 * @param prefix the directory of the classes, with a slash at its end
 * @param classes what is in it, directories included
 * @param libraries the jars
 */
record BootContents(String prefix, List<JarEntry> classes, List<JarEntry> libraries) {

    /**
     * Reads the directory of an archive.
     *
     * @throws IOException if it is damaged, or has names that cannot be class path entries or that lead elsewhere
     */
    static BootContents of(JarFile archive, boolean war) throws IOException {
        String prefix = BootArchive.classes(war);
        List<JarEntry> classes = new ArrayList<>();
        List<JarEntry> libraries = new ArrayList<>();
        for (String directory : BootArchive.libraries(war)) {
            Iterator<JarEntry> entries = archive.stream().iterator();
            while (entries.hasNext()) {
                JarEntry entry = entries.next();
                if (entry.getName().startsWith(directory) && !entry.isDirectory()) {
                    libraries.add(requireEntry(entry));
                }
            }
        }
        Iterator<JarEntry> entries = archive.stream().iterator();
        while (entries.hasNext()) {
            JarEntry entry = entries.next();
            if (entry.getName().startsWith(prefix) && entry.getName().length() > prefix.length()) {
                classes.add(requireSafe(entry));
            }
        }
        return new BootContents(prefix, classes, libraries);
    }

    /** Names decide nothing but the last part of a path, and are refused all the same if they were made to mislead. */
    private static JarEntry requireSafe(JarEntry entry) throws IOException {
        String name = entry.getName();
        String path = "/" + (name.endsWith("/") ? name : name + "/");
        if (name.indexOf('\\') >= 0
                || name.indexOf('\0') >= 0
                || path.contains("//")
                || path.contains("/./")
                || path.contains("/../")) {
            throw new IOException("an entry has a name that leads elsewhere: " + name);
        }
        return entry;
    }

    /** A class path has no way to name files like these. */
    private static JarEntry requireEntry(JarEntry entry) throws IOException {
        String name = fileName(requireSafe(entry));
        if (name.equals("*") || name.contains(File.pathSeparator)) {
            throw new IOException("an entry has a name that cannot be in a class path: " + entry.getName());
        }
        return entry;
    }

    static String fileName(JarEntry entry) {
        String name = entry.getName();
        return name.substring(name.lastIndexOf('/') + 1);
    }

    /** Returns how much is to be written. */
    long bytes() {
        long sum = 0;
        for (JarEntry entry : classes) {
            sum += entry.getSize();
        }
        for (JarEntry entry : libraries) {
            sum += entry.getSize();
        }
        return sum;
    }
}
