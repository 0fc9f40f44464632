/** An application that tests put into archives of all kinds, see {@code ClassPathModeIT}. */
package io.processpool.sample.packaged;
