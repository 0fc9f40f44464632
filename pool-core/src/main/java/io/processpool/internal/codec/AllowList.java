package io.processpool.internal.codec;

import io.processpool.Codec;
import io.processpool.internal.PlainText;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The classes that may be read of what an untrusted worker sends, and how much of them: values and collections of the JDK,
 * and what the user has declared. All others are unknown here, whether or not they are on the class path: nothing is
 * ever loaded because a worker names it.
 *
 * <p>A {@link Codec} that is given this as its filter has to ask it, as {@link JdkCodec} does; and that looks at the
 * bytes with a {@link StreamScan} before.
 *
 * <p>Thread-safe if the user's filter is.
 */
public final class AllowList implements ObjectInputFilter {

    /** How deep objects may be nested. */
    static final int MAX_DEPTH = 64;

    /** The JDK counts the superclasses of a class, too, which the scan does not. */
    private static final int MAX_FILTER_DEPTH = 2 * MAX_DEPTH;

    /** How many objects there may be. */
    static final int MAX_OBJECTS = 5_000_000;

    /** References back to objects count, too, for the JDK's filter. */
    private static final long MAX_REFERENCES = 4L * MAX_OBJECTS;

    /** How long an array may be. Those of primitives are as long as their bytes. */
    static final int MAX_ARRAY = 1 << 26;

    /** How many bytes a value may have. */
    public static final long MAX_BYTES = 1L << 26;

    /**
     * How much work it may be to go through the objects again for each object that contains them. Sixty-odd lists that contain
     * each other twice would need centuries.
     */
    static final long MAX_WORK = 1L << 26;

    /**
     * How many steps it may take at the most to put all that is in sets and maps into them again, when all have the same hash
     * code, and all that are compared are equal but for the last bit.
     */
    static final long MAX_STEPS = 1L << 31;

    /** How many bytes a {@code BigInteger} may have: to print one takes as many steps as that squared. */
    static final int MAX_BIG_INTEGER = 1 << 16;

    /** How many letters a {@code Locale} may have, which are looked at in turn when it is read. */
    static final int MAX_LOCALE = 1 << 10;

    /** Constants: whatever else has these names cannot be loaded by the JDK's own class loader. */
    private static final List<String> VALUES = List.of(
            "java.lang.Object",
            "java.lang.Number",
            "java.lang.Boolean",
            "java.lang.Byte",
            "java.lang.Short",
            "java.lang.Character",
            "java.lang.Integer",
            "java.lang.Long",
            "java.lang.Float",
            "java.lang.Double",
            "java.lang.String",
            "java.lang.Enum",
            "java.math.BigInteger",
            "java.math.BigDecimal",
            "java.math.RoundingMode",
            "java.time.DayOfWeek",
            "java.time.Month",
            "java.time.Ser",
            "java.time.Duration",
            "java.time.Instant",
            "java.time.LocalDate",
            "java.time.LocalDateTime",
            "java.time.LocalTime",
            "java.time.MonthDay",
            "java.time.OffsetDateTime",
            "java.time.OffsetTime",
            "java.time.Period",
            "java.time.Year",
            "java.time.YearMonth",
            "java.time.ZoneId",
            "java.time.ZoneOffset",
            "java.time.ZonedDateTime",
            "java.time.temporal.ChronoUnit",
            "java.util.UUID",
            "java.util.Date",
            "java.util.Currency",
            "java.util.Locale",
            "java.util.BitSet");

    /** Of collections, also the forms in which they travel. None calls anything of a user's but {@code hashCode} and the like. */
    private static final List<String> COLLECTIONS = List.of(
            "java.util.AbstractCollection",
            "java.util.AbstractList",
            "java.util.AbstractMap",
            "java.util.AbstractSet",
            "java.util.AbstractMap$SimpleEntry",
            "java.util.AbstractMap$SimpleImmutableEntry",
            "java.util.ArrayDeque",
            "java.util.ArrayList",
            "java.util.Arrays$ArrayList",
            "java.util.CollSer",
            "java.util.Collections$CopiesList",
            "java.util.Collections$EmptyList",
            "java.util.Collections$EmptyMap",
            "java.util.Collections$EmptySet",
            "java.util.Collections$ReverseComparator",
            "java.util.Collections$ReverseComparator2",
            "java.util.Collections$SetFromMap",
            "java.util.Collections$SingletonList",
            "java.util.Collections$SingletonMap",
            "java.util.Collections$SingletonSet",
            "java.util.Collections$UnmodifiableCollection",
            "java.util.Collections$UnmodifiableList",
            "java.util.Collections$UnmodifiableMap",
            "java.util.Collections$UnmodifiableRandomAccessList",
            "java.util.Collections$UnmodifiableSet",
            "java.util.Collections$UnmodifiableSortedMap",
            "java.util.Collections$UnmodifiableSortedSet",
            "java.util.EnumMap",
            "java.util.EnumSet",
            "java.util.EnumSet$SerializationProxy",
            "java.util.HashMap",
            "java.util.HashSet",
            "java.util.Hashtable",
            "java.util.IdentityHashMap",
            "java.util.LinkedHashMap",
            "java.util.LinkedHashSet",
            "java.util.LinkedList",
            "java.util.PriorityQueue",
            "java.util.Stack",
            "java.util.TreeMap",
            "java.util.TreeSet",
            "java.util.Vector",
            "java.lang.String$CaseInsensitiveComparator");

    /** What classes of the JDK make when they are read, of which the filter hears; in a stream nobody may name them. */
    private static final List<String> MADE = List.of(
            "java.time.ZoneRegion",
            "java.util.ImmutableCollections$List12",
            "java.util.ImmutableCollections$ListN",
            "java.util.ImmutableCollections$Map1",
            "java.util.ImmutableCollections$MapN",
            "java.util.ImmutableCollections$Set12",
            "java.util.ImmutableCollections$SetN",
            "java.util.JumboEnumSet",
            "java.util.Map$Entry",
            "java.util.RegularEnumSet");

    private static final Map<String, Class<?>> PRIMITIVES = Map.of(
            "Z", boolean.class,
            "B", byte.class,
            "S", short.class,
            "C", char.class,
            "I", int.class,
            "J", long.class,
            "F", float.class,
            "D", double.class);

    /** They may come as values: a class, not an object of it. */
    private static final Map<String, Class<?>> KEYWORDS = Stream.concat(
                    PRIMITIVES.values().stream(), Stream.of(void.class))
            .collect(Collectors.toUnmodifiableMap(Class::getName, type -> type));

    private final Map<String, Class<?>> types = new HashMap<>();
    private final Map<String, Class<?>> made = new HashMap<>();
    private final Set<Class<?>> own = new HashSet<>();

    /** By class, none of them an array. */
    private final ConcurrentMap<Class<?>, StreamForm> forms = new ConcurrentHashMap<>();

    private final @Nullable ObjectInputFilter also;

    /**
     * Makes a list.
     *
     * @param declared the user's classes; their serializable superclasses come with them
     * @param also asked in addition, or null
     */
    public AllowList(Collection<Class<?>> declared, @Nullable ObjectInputFilter also) {
        this.also = also;
        VALUES.forEach(name -> addOfJdk(types, name));
        COLLECTIONS.forEach(name -> addOfJdk(types, name));
        MADE.forEach(name -> addOfJdk(made, name));
        declared.forEach(this::add);
    }

    private static void addOfJdk(Map<String, Class<?>> to, String name) {
        try {
            to.put(name, Class.forName(name, false, null));
        } catch (ClassNotFoundException e) {
            return; // another JDK has no such class, and so sends none
        }
    }

    private void add(Class<?> declared) {
        Class<?> type = declared;
        while (type.isArray()) {
            type = type.getComponentType();
        }
        while (type != null && Serializable.class.isAssignableFrom(type)) {
            types.put(type.getName(), type);
            own.add(type);
            type = type.getSuperclass();
        }
    }

    /**
     * Finds a class by the name that a worker gave.
     *
     * @throws InvalidClassException if it may not be read
     */
    Class<?> find(String name) throws InvalidClassException {
        int dimensions = 0;
        while (dimensions < name.length() && name.charAt(dimensions) == '[') {
            dimensions++;
        }
        Class<?> type = dimensions == 0 ? named(name) : component(name.substring(dimensions));
        if (type == null || dimensions > MAX_DEPTH) {
            throw new InvalidClassException(refusal(name));
        }
        for (int i = 0; i < dimensions; i++) {
            type = type.arrayType();
        }
        return type;
    }

    private @Nullable Class<?> named(String name) {
        Class<?> type = types.get(name);
        return type == null ? KEYWORDS.get(name) : type;
    }

    private @Nullable Class<?> component(String descriptor) {
        if (descriptor.startsWith("L") && descriptor.endsWith(";")) {
            return types.get(descriptor.substring(1, descriptor.length() - 1));
        }
        return PRIMITIVES.get(descriptor);
    }

    /** Returns how a class that may be read is described in a stream. */
    StreamForm form(Class<?> type) throws IOException {
        StreamForm known = forms.get(type);
        if (known == null) {
            known = StreamForm.of(type);
            if (!type.isArray()) {
                forms.put(type, known);
            }
        }
        return known;
    }

    /** Whether a class was declared by the user, or is a superclass of one that was. */
    boolean isDeclared(Class<?> type) {
        return own.contains(type);
    }

    private static String refusal(String name) {
        String shown = name.length() <= 200 ? name : name.substring(0, 200) + "...";
        return "class " + PlainText.escape(shown) + " is not among the resultTypes of this untrusted pool";
    }

    @Override
    public Status checkInput(FilterInfo info) {
        Class<?> type = info.serialClass();
        while (type != null && type.isArray()) {
            type = type.getComponentType();
        }
        boolean known = type == null
                || type.isPrimitive()
                || types.get(type.getName()) == type
                || made.get(type.getName()) == type;
        if (!known
                || info.depth() > MAX_FILTER_DEPTH
                || info.references() > MAX_REFERENCES
                || info.arrayLength() > MAX_ARRAY
                || info.streamBytes() > MAX_BYTES) {
            return Status.REJECTED;
        }
        ObjectInputFilter other = also;
        return other != null && other.checkInput(info) == Status.REJECTED ? Status.REJECTED : Status.ALLOWED;
    }
}
