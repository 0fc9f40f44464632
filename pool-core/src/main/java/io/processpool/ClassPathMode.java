package io.processpool;

/**
 * How workers get the classes of an application that runs from an executable archive of Spring Boot, a jar or a WAR
 * with jars inside.
 */
public enum ClassPathMode {
    /** {@link #EXTRACTED} where that pays, else {@link #LAUNCHER}. */
    AUTO,
    /** Workers start through Boot's launcher, which reads the jars inside of the archive. */
    LAUNCHER,
    /** The archive is extracted once, to a private directory, and workers get an ordinary class path. */
    EXTRACTED
}
