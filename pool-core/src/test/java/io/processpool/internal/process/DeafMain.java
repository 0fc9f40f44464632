package io.processpool.internal.process;

/** The main class of a process that never reads its stdin. */
public final class DeafMain {

    private DeafMain() {}

    /** Hangs. */
    public static void main(String[] args) throws InterruptedException {
        System.out.println("deaf");
        Thread.currentThread().join();
    }
}
