package io.processpool;

/** Serialization between processes. */
class SerializationIT extends SerializationContract {

    SerializationIT() {
        super(Mode.PROCESS);
    }
}
