package io.processpool.internal.scheduler;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that have not ended, in the order of their beginning: a list whose links are in the jobs, since there are many
 * and most are short-lived. Guarded by the scheduler's lock.
 */
final class OpenJobs {

    private @Nullable Job first;
    private @Nullable Job last;

    /** Adds a job that is in no list and never was. */
    void add(Job job) {
        job.open = true;
        job.before = last;
        if (last == null) {
            first = job;
        } else {
            last.after = job;
        }
        last = job;
    }

    /** Removes a job; returns false if it was not there. */
    boolean remove(Job job) {
        if (!job.open) {
            return false;
        }
        job.open = false;
        Job before = job.before;
        Job after = job.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        job.before = null;
        job.after = null;
        return true;
    }

    boolean isEmpty() {
        return first == null;
    }

    /** Returns all of them. */
    List<Job> all() {
        List<Job> jobs = new ArrayList<>();
        for (Job job = first; job != null; job = job.after) {
            jobs.add(job);
        }
        return jobs;
    }
}
