package io.processpool.sample;

import org.jspecify.annotations.Nullable;

/**
 * How it went with one document.
 *
 * @param name its name
 * @param pages the pages that were read, 0 if it failed
 * @param characters the length of its text
 * @param failure what went wrong, null if nothing did
 */
record DocumentResult(
        String name, int pages, long characters, @Nullable Failure failure) {}
