package io.processpool.spring.endpoint;

import io.processpool.ProcessPoolException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * What of the endpoint differs over HTTP. By itself Actuator would answer a change of what does not exist with 204, and it
 * leaves to the application's error page, which hides it by default, what was wrong with a request.
 *
 * <p>Here 404 is for what does not exist, 400 for what cannot be meant, 409 for a pool that is shutting down, 503 for a
 * worker that does not answer; all but 404 with a message.
 */
@EndpointWebExtension(endpoint = ProcessPoolEndpoint.class)
public class ProcessPoolEndpointWebExtension {

    private static final int CONFLICT = 409;

    private final ProcessPoolEndpoint delegate;

    ProcessPoolEndpointWebExtension(ProcessPoolEndpoint delegate) {
        this.delegate = delegate;
    }

    /**
     * Why a request was refused.
     *
     * @param status the status of the answer
     * @param message what was wrong
     */
    public record Refusal(int status, String message) {}

    /**
     * Returns the stacks of all threads of a worker, or says that it does not answer.
     *
     * @param pool the name of the pool
     * @param worker the slot number of the worker
     * @param aspect {@code threaddump}
     * @return the dump
     */
    @ReadOperation(produces = "text/plain;charset=UTF-8")
    public WebEndpointResponse<String> threadDump(
            @Selector String pool, @Selector int worker, @Selector String aspect) {
        try {
            String dump = delegate.threadDump(pool, worker, aspect);
            return dump == null
                    ? new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND)
                    : new WebEndpointResponse<>(dump);
        } catch (ProcessPoolException e) {
            return new WebEndpointResponse<>(
                    String.valueOf(e.getMessage()), WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
        }
    }

    /**
     * Resizes a pool, or replaces all of its workers gracefully, or both.
     *
     * @param pool the name of the pool
     * @param workers how many workers it is to have, or null to leave that
     * @param recycle {@code true} to replace the workers that are there
     * @return the pool afterwards
     */
    @WriteOperation
    public WebEndpointResponse<Object> change(
            @Selector String pool, @Nullable String workers, @Nullable String recycle) {
        return answer(() -> delegate.change(pool, number(workers), flag(recycle)));
    }

    private static @Nullable Integer number(@Nullable String workers) {
        try {
            return workers == null ? null : Integer.valueOf(workers.trim());
        } catch (NumberFormatException e) {
            throw invalid("workers must be a number: workers=" + workers);
        }
    }

    private static @Nullable Boolean flag(@Nullable String recycle) {
        if (recycle == null) {
            return null;
        }
        return switch (recycle) {
            case "true" -> true;
            case "false" -> false;
            default -> throw invalid("recycle must be true or false: recycle=" + recycle);
        };
    }

    private static InvalidEndpointRequestException invalid(String message) {
        return new InvalidEndpointRequestException(message, message);
    }

    /**
     * Replaces one worker gracefully.
     *
     * @param pool the name of the pool
     * @param worker the slot number of the worker
     * @return the worker as it was
     */
    @WriteOperation
    public WebEndpointResponse<Object> recycle(@Selector String pool, @Selector int worker) {
        return answer(() -> delegate.recycle(pool, worker));
    }

    /**
     * Kills one worker; the task that it runs fails.
     *
     * @param pool the name of the pool
     * @param worker the slot number of the worker
     * @return the worker as it was
     */
    @DeleteOperation
    public WebEndpointResponse<Object> kill(@Selector String pool, @Selector int worker) {
        return answer(() -> delegate.kill(pool, worker));
    }

    private static WebEndpointResponse<Object> answer(Supplier<? extends @Nullable Object> operation) {
        try {
            Object result = operation.get();
            return result == null
                    ? new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND)
                    : new WebEndpointResponse<>(result);
        } catch (InvalidEndpointRequestException e) {
            return refusal(WebEndpointResponse.STATUS_BAD_REQUEST, e);
        } catch (ProcessPoolException e) {
            return refusal(CONFLICT, e);
        }
    }

    private static WebEndpointResponse<Object> refusal(int status, RuntimeException reason) {
        return new WebEndpointResponse<>(new Refusal(status, String.valueOf(reason.getMessage())), status);
    }
}
