/** What the tests of the starter share. */
package io.processpool.spring.testing;
