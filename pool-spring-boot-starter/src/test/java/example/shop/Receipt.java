package example.shop;

import java.io.Serializable;

/** A result whose class is the application's. */
record Receipt(String order, long pid, String pool) implements Serializable {}
