package io.processpool.sample.packaged;

import io.processpool.ClassPathMode;
import io.processpool.ProcessPool;
import io.processpool.TaskCallable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Says what it and its workers find on their class paths, or what becomes of them. */
public final class PackagedMain {

    private PackagedMain() {}

    /** Arguments: what to do, and the class path mode. */
    public static void main(String[] arguments) throws Exception {
        ClassPathMode mode = ClassPathMode.valueOf(arguments[1]);
        switch (arguments[0]) {
            case "report" -> report(mode);
            case "share" -> share(mode);
            case "wait" -> await(mode);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static ProcessPool pool(ClassPathMode mode) {
        return ProcessPool.builder().workers(2).classPathMode(mode).build();
    }

    private static void report(ClassPathMode mode) throws IOException {
        System.out.println("application: " + found());
        try (ProcessPool pool = pool(mode)) {
            System.out.println("worker: " + pool.apply((TaskCallable<String>) PackagedMain::found));
            System.out.println("classPath: " + pool.apply(() -> System.getProperty("java.class.path")));
        }
    }

    /** What the class path, the manifest and the environment decide. */
    private static String found() throws IOException {
        List<String> resources = new ArrayList<>();
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        for (URL url : Collections.list(loader.getResources("META-INF/place.txt"))) {
            try (InputStream in = url.openStream()) {
                resources.add(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        boolean open = Object.class.getModule().isOpen("java.lang", PackagedMain.class.getModule());
        return resources + " version " + PackagedMain.class.getPackage().getImplementationVersion() + " open " + open
                + " same loader " + (loader == PackagedMain.class.getClassLoader());
    }

    private static void share(ClassPathMode mode) throws IOException {
        ProcessPool second = pool(mode);
        try (ProcessPool first = pool(mode)) {
            first.apply(() -> 1);
            second.apply(() -> 2);
            say("both");
        }
        second.apply(() -> 3);
        second.recycleAll();
        second.apply(() -> 4);
        say("one");
        second.close();
        say("none");
        try (ProcessPool third = pool(mode)) {
            third.apply(() -> 5);
            say("again");
        }
    }

    private static void await(ClassPathMode mode) throws IOException {
        ProcessPool first = pool(mode);
        ProcessPool second = pool(mode);
        first.map(x -> x, List.of(1, 2, 3, 4));
        second.map(x -> x, List.of(1, 2, 3, 4));
        say("ready");
        System.out.println(first.snapshot() + " " + second.snapshot());
    }

    /** Says something, and waits until the test has seen what it wanted to see. */
    private static void say(String what) throws IOException {
        System.out.println(what);
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
    }
}
