/**
 * A Spring Boot application that takes a folder of PDFs apart, text and page thumbnails, in worker processes: whatever a
 * document does to the process that reads it, it does to that process alone.
 *
 * <p>{@link io.processpool.sample.ExtractionRunner} decides what to read, {@link io.processpool.sample.ExtractionJob}
 * sends it through the pool, {@link io.processpool.sample.worker.PdfTasks} is what the workers run.
 */
@NullMarked
package io.processpool.sample;

import org.jspecify.annotations.NullMarked;
