package example.server;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.ObjectStreamClass;
import java.lang.ref.WeakReference;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.loader.WebappClassLoaderBase;
import org.apache.catalina.startup.Tomcat;

/**
 * A Tomcat that knows nothing of Spring or of pools. It deploys the WAR of its first argument at {@code /shop} and obeys
 * its standard input: {@code undeploy}, {@code collect}, {@code deploy}, {@code stop}. Its second argument is its base directory.
 */
public final class ExternalServer {

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

    /** Tells of threads and the like that an application has left behind. */
    private static final Logger LEAKS = Logger.getLogger(WebappClassLoaderBase.class.getName());

    private final Tomcat tomcat = new Tomcat();
    private final String war;

    private ExternalServer(String war, String base) {
        this.war = war;
        tomcat.setBaseDir(base);
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.setAddDefaultWebXmlToWebapp(false); // it has a servlet for JSPs, which are not there
        ((StandardHost) tomcat.getHost()).setUnpackWARs(true);
    }

    public static void main(String[] args) throws Exception {
        reportLeaks();
        new ExternalServer(args[0], args[1]).run();
    }

    /** An application may redirect what goes to the root logger, and end. */
    private static void reportLeaks() {
        LEAKS.addHandler(new Handler() {
            @Override
            public void publish(LogRecord event) {
                System.out.println("SERVER LEAK " + new SimpleFormatter().format(event));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
    }

    private void run() throws Exception {
        tomcat.start();
        Context shop = deploy();
        WeakReference<ClassLoader> loader = new WeakReference<>(null);
        try (BufferedReader commands = new BufferedReader(new InputStreamReader(System.in))) {
            for (String command = commands.readLine(); command != null; command = commands.readLine()) {
                switch (command) {
                    case "deploy" -> shop = deploy();
                    case "undeploy" -> {
                        loader = new WeakReference<>(shop.getLoader().getClassLoader());
                        undeploy(shop);
                        shop = null;
                        System.out.println("SERVER UNDEPLOYED");
                    }
                    case "collect" -> System.out.println("SERVER COLLECTED " + isCollected(loader));
                    case "stop" -> {
                        tomcat.stop();
                        tomcat.destroy();
                        System.out.println("SERVER STOPPED");
                        return;
                    }
                    default -> throw new IllegalArgumentException(command);
                }
            }
        }
    }

    private Context deploy() {
        Context context = tomcat.addWebapp("/shop", war);
        System.out.println("SERVER OPEN " + tomcat.getConnector().getLocalPort());
        return context;
    }

    private void undeploy(Context context) throws LifecycleException {
        context.stop();
        tomcat.getHost().removeChild(context);
        context.destroy();
    }

    private static boolean isCollected(WeakReference<ClassLoader> loader) {
        long start = System.nanoTime();
        while (loader.get() != null && System.nanoTime() - start < PATIENCE) {
            System.gc();
            // Since JDK 19 the cache of serialization lets go of a class at its next use, not before.
            ObjectStreamClass.lookup(String.class);
            LockSupport.parkNanos(50_000_000);
        }
        return loader.get() == null;
    }
}
