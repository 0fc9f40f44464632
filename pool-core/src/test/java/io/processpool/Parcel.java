package io.processpool;

import io.processpool.testing.Signs;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serial;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** An argument that a task returns as its result, and that may commit a fault at one place of its way. */
final class Parcel implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    /** The places. */
    enum Stop {
        ARGUMENT_IS_WRITTEN,
        ARGUMENT_IS_READ,
        TASK_RUNS,
        RESULT_IS_WRITTEN,
        RESULT_IS_READ
    }

    private final int number;
    private final @Nullable Fault fault;
    private final @Nullable Stop stop;
    private final Signs signs;
    private final long home = Deeds.pid();

    private Parcel(int number, @Nullable Fault fault, @Nullable Stop stop, Signs signs) {
        this.number = number;
        this.fault = fault;
        this.stop = stop;
        this.signs = signs;
    }

    /** Makes a parcel that arrives. */
    static Parcel sound(int number, Signs signs) {
        return new Parcel(number, null, null, signs);
    }

    /** Makes a parcel that commits a fault. */
    static Parcel faulty(int number, Fault fault, Stop stop, Signs signs) {
        return new Parcel(number, fault, stop, signs);
    }

    int number() {
        return number;
    }

    /** The task. */
    Parcel carry() {
        arrive(Stop.TASK_RUNS);
        return this;
    }

    private void arrive(Stop at) {
        if (fault != null && stop == at) {
            fault.commitUnchecked(signs);
        }
    }

    @Serial
    private void writeObject(ObjectOutputStream out) throws IOException {
        arrive(Deeds.pid() == home ? Stop.ARGUMENT_IS_WRITTEN : Stop.RESULT_IS_WRITTEN);
        out.defaultWriteObject();
    }

    @Serial
    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        in.defaultReadObject();
        arrive(Deeds.pid() == home ? Stop.RESULT_IS_READ : Stop.ARGUMENT_IS_READ);
    }
}
