package io.processpool.spring.test;

import io.processpool.Mode;
import io.processpool.spring.ProcessPoolAutoConfiguration;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.PropertyMapping;

/**
 * Gives a Spring test its pools, slices such as {@code @JdbcTest} included. By default tasks run in threads of the test's
 * JVM: quick, within reach of the debugger, and still through the codec, so that what cannot be serialized fails here too.
 * With {@link Mode#PROCESS} they run in workers as in production.
 *
 * <p>It wins over {@code processpool.*} in configuration files, for all pools, and over customizers. The workers end with the test's context; a
 * context that is cached is paused while it is not in use, and has no workers then.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ImportAutoConfiguration({ProcessPoolAutoConfiguration.class, ProcessPoolTestConfiguration.class})
@PropertyMapping(ProcessPoolTestConfiguration.PREFIX)
public @interface AutoConfigureProcessPool {

    /**
     * Where tasks run.
     *
     * @return the mode
     */
    Mode mode() default Mode.INLINE;

    /**
     * How many workers the pools have.
     *
     * @return 1 or more
     */
    int workers() default 1;
}
