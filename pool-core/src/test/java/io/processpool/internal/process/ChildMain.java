package io.processpool.internal.process;

import java.io.OutputStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The main class of the processes that the tests launch. Its orders come in through stdin. */
public final class ChildMain {

    private ChildMain() {}

    /** Carries out the first word of stdin. */
    public static void main(String[] args) throws Exception {
        String[] order = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).split(" ", -1);
        switch (order[0]) {
            case "exit" -> System.exit(Integer.parseInt(order[1]));
            case "halt" -> Runtime.getRuntime().halt(Integer.parseInt(order[1]));
            case "throw" -> throw new IllegalStateException("thrown by the child");
            case "hang" -> hang();
            case "length" -> System.out.println("length " + order[1].length());
            case "location" ->
                System.out.println("location "
                        + Path.of(ChildMain.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI()));
            case "environment" ->
                System.getenv().forEach((name, value) -> System.out.println("env " + name + "=" + value));
            case "property" -> System.out.println("property " + System.getProperty(order[1]));
            case "heap" -> System.out.println("heap " + Runtime.getRuntime().maxMemory());
            case "directory" -> System.out.println("directory " + System.getProperty("user.dir"));
            case "umlaut" -> System.out.println("gr\u00fc\u00dfe");
            case "crash" -> crash();
            case "exhaust" -> exhaust();
            case "spin" -> spin();
            case "sleeper" -> sleeper(Integer.parseInt(order[1]), "sleep", "600");
            case "fugitive" -> sleeper(Integer.parseInt(order[1]), "env", "-i", "sleep", "600");
            case "flood" -> flood(Integer.parseInt(order[1]));
            case "binary" -> binary(Integer.parseInt(order[1]));
            case "directory-owner" -> {
                System.out.println("path " + RuntimeDirectory.create(List.of(Path.of(order[1]))));
                hang();
            }
            default -> throw new IllegalArgumentException(order[0]);
        }
    }

    private static void hang() throws InterruptedException {
        System.out.println("hanging");
        Thread.currentThread().join();
    }

    private static void spin() {
        System.out.println("spinning");
        while (!Thread.interrupted()) {
            Thread.onSpinWait();
        }
    }

    /** Starts a grandchild that shares our output, and then hangs or exits with the code. */
    private static void sleeper(int code, String... command) throws Exception {
        Process sleeper = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        System.out.println("sleeper " + sleeper.pid());
        if (code < 0) {
            hang();
        }
        System.exit(code);
    }

    private static void crash() throws Exception {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field field = type.getDeclaredField("theUnsafe");
        field.setAccessible(true);
        type.getMethod("putAddress", long.class, long.class).invoke(field.get(null), 0L, 0L);
    }

    private static void exhaust() {
        List<long[]> memory = new ArrayList<>();
        while (!memory.contains(null)) {
            memory.add(new long[1 << 16]);
        }
    }

    private static void flood(int lines) {
        for (int i = 0; i < lines; i++) {
            System.out.println("out " + i);
            System.err.println("err " + i);
        }
        System.out.print("the end");
    }

    private static void binary(int bytes) throws Exception {
        byte[] garbage = new byte[bytes];
        new Random(42).nextBytes(garbage);
        OutputStream out = System.out;
        out.write(garbage);
        out.write(new byte[bytes]);
        out.write("\nafter the flood\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }
}
