package io.processpool.fory;

import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.fory.Fory;
import org.apache.fory.context.ReadContext;
import org.apache.fory.context.WriteContext;
import org.apache.fory.resolver.ClassResolver;
import org.apache.fory.resolver.TypeInfo;
import org.apache.fory.resolver.TypeResolver;
import org.apache.fory.serializer.JdkProxySerializer;
import org.apache.fory.serializer.LambdaSerializer;
import org.apache.fory.serializer.Serializer;
import org.apache.fory.serializer.collection.CollectionLikeSerializer;
import org.apache.fory.serializer.collection.MapLikeSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Closes what Fory leaves open. It checks no class that it has built in or that was registered; so those that the filter
 * rejects get a serializer that refuses them. Lambdas and proxies get one in any case: reading them runs code of the
 * reader's class path that the bytes choose.
 */
final class RefusedClasses {

    /** Stand in the bytes for all lambdas and all proxies; the second can do so by itself. */
    private static final List<Class<?>> STUBS =
            List.of(LambdaSerializer.ReplaceStub.class, SerializedLambda.class, JdkProxySerializer.ReplaceStub.class);

    private RefusedClasses() {}

    /**
     * Closes an instance that nobody has used yet.
     *
     * @return the reasons, by the names of the serializers that were replaced: generated code may take one for the other
     */
    static Map<String, String> install(Fory fory, ClassResolver resolver, @Nullable AskedFilter filter) {
        for (Class<?> stub : STUBS) {
            fory.registerSerializer(stub, refusing(resolver, stub, "lambdas and proxies are not read"));
        }
        fory.registerSerializerFactory(
                (any, type) -> isGenerated(type) ? new RefusedValue(any, type, ForyFailures.generated(type)) : null);
        Map<String, String> refusals = new HashMap<>();
        if (filter == null) {
            return refusals;
        }
        for (Class<?> type : List.copyOf(resolver.getRegisteredClasses())) {
            String refusal = isPlain(type) || STUBS.contains(type) ? null : filter.refusal(type);
            if (refusal != null) {
                TypeInfo known = resolver.getTypeInfo(type, false);
                Serializer<?> replaced = known == null ? null : known.getSerializer();
                if (replaced != null) {
                    refusals.putIfAbsent(replaced.getClass().getName(), refusal);
                }
                fory.registerSerializer(type, refusing(resolver, type, refusal));
            }
        }
        return refusals;
    }

    private static boolean isGenerated(Class<?> type) {
        return type.isHidden() || Proxy.isProxyClass(type);
    }

    /** Numbers, strings, plain objects and arrays of these are data without code; so it is where the pool writes them itself. */
    private static boolean isPlain(Class<?> type) {
        Class<?> element = type.isArray() ? type.getComponentType() : type;
        return element.isPrimitive()
                || element == Object.class
                || element == String.class
                || element == Boolean.class
                || element == Character.class
                || (Number.class.isAssignableFrom(element)
                        && element.getPackageName().equals("java.lang"))
                || type.getName().startsWith("org.apache.fory.");
    }

    private static Serializer<?> refusing(TypeResolver resolver, Class<?> type, String reason) {
        if (Collection.class.isAssignableFrom(type)) {
            return new RefusedCollection(resolver, type, reason);
        }
        return Map.class.isAssignableFrom(type)
                ? new RefusedMap(resolver, type, reason)
                : new RefusedValue(resolver, type, reason);
    }

    private static ClassRefusedException refused(String reason) {
        return new ClassRefusedException(reason);
    }

    @SuppressWarnings("unchecked") // No such object is ever made.
    private static Class<Object> any(Class<?> type) {
        return (Class<Object>) type;
    }

    private static final class RefusedValue extends Serializer<Object> {
        private final String reason;

        RefusedValue(TypeResolver resolver, Class<?> type, String reason) {
            super(resolver.getConfig(), any(type));
            this.reason = reason;
        }

        @Override
        public void write(WriteContext context, Object value) {
            throw refused(reason);
        }

        @Override
        public Object read(ReadContext context) {
            throw refused(reason);
        }
    }

    /** Fory takes the serializers of collections for such. */
    private static final class RefusedCollection extends CollectionLikeSerializer<Object> {
        private final String reason;

        RefusedCollection(TypeResolver resolver, Class<?> type, String reason) {
            super(resolver, any(type), false);
            this.reason = reason;
        }

        @Override
        public Collection<?> onCollectionWrite(WriteContext context, Object value) {
            throw refused(reason);
        }

        @Override
        public Object onCollectionRead(@SuppressWarnings("rawtypes") Collection collection) {
            throw refused(reason);
        }

        @Override
        public void write(WriteContext context, Object value) {
            throw refused(reason);
        }

        @Override
        public Object read(ReadContext context) {
            throw refused(reason);
        }
    }

    /** The same for maps. */
    @SuppressWarnings("rawtypes") // So it is declared.
    private static final class RefusedMap extends MapLikeSerializer<Object> {
        private final String reason;

        RefusedMap(TypeResolver resolver, Class<?> type, String reason) {
            super(resolver, any(type), false);
            this.reason = reason;
        }

        @Override
        public Map onMapWrite(WriteContext context, Object value) {
            throw refused(reason);
        }

        @Override
        public Object onMapCopy(Map map) {
            throw refused(reason);
        }

        @Override
        public Object onMapRead(Map map) {
            throw refused(reason);
        }

        @Override
        public void write(WriteContext context, Object value) {
            throw refused(reason);
        }

        @Override
        public Object read(ReadContext context) {
            throw refused(reason);
        }
    }
}
