package io.processpool.fory;

import java.io.File;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.DayOfWeek;
import java.time.Month;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.AbstractMap;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Values and collections of the JDK that Fory has not built in. */
final class JdkClasses {

    /** Those, in the order that gives them their numbers. */
    static final List<Class<?>> ALL = List.of(
            DayOfWeek.class,
            Month.class,
            ChronoUnit.class,
            TimeUnit.class,
            RoundingMode.class,
            Thread.State.class,
            ZoneId.of("Europe/London").getClass(), // the class of all that are regions; it is not public
            MathContext.class,
            Hashtable.class,
            Properties.class,
            IdentityHashMap.class,
            AbstractMap.SimpleEntry.class,
            AbstractMap.SimpleImmutableEntry.class,
            CopyOnWriteArraySet.class,
            LinkedBlockingQueue.class,
            File.class);

    private JdkClasses() {}
}
