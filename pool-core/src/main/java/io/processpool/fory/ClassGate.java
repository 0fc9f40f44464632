package io.processpool.fory;

import org.apache.fory.resolver.DefaultJdkClassAllowList;
import org.apache.fory.resolver.DisallowedList;
import org.apache.fory.resolver.TypeChecker;
import org.apache.fory.resolver.TypeResolver;
import org.jspecify.annotations.Nullable;

/** Decides about each class that Fory has not built in and that was not registered, before it is loaded. */
final class ClassGate implements TypeChecker {

    private final ClassRules rules;
    private final ClassLoader loader;
    private final @Nullable AskedFilter filter;

    ClassGate(ClassRules rules, ClassLoader loader, @Nullable AskedFilter filter) {
        this.rules = rules;
        this.loader = loader;
        this.filter = filter;
    }

    @Override
    public boolean checkType(TypeResolver resolver, String name) {
        int dimensions = name.lastIndexOf('[') + 1;
        if (dimensions > 0 && !name.startsWith("L", dimensions)) {
            return true; // of primitives
        }
        String component = dimensions > 0 ? name.substring(dimensions + 1, name.length() - 1) : name;
        if (DisallowedList.contains(component)) {
            throw new ClassRefusedException(ForyFailures.dangerous(component));
        }
        if (!rules.allows(component) && !isBuiltIn(resolver, component)) {
            throw new ClassRefusedException(ForyFailures.notAllowed(component));
        }
        if (filter != null) {
            ask(component, filter);
        }
        return true;
    }

    /** The component of an array comes here too if Fory has it built in. */
    private static boolean isBuiltIn(TypeResolver resolver, String name) {
        if (DefaultJdkClassAllowList.getAllowClasses().contains(name) || name.startsWith("java.util.function.")) {
            return true;
        }
        try {
            return name.startsWith("java.") && resolver.isRegistered(Class.forName(name, false, null));
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private void ask(String name, AskedFilter asked) {
        Class<?> type;
        try {
            type = Class.forName(name, false, loader);
        } catch (ClassNotFoundException e) {
            return; // Fory will not find it either, and says so
        }
        String refusal = asked.refusal(type);
        if (refusal != null) {
            throw new ClassRefusedException(refusal);
        }
    }
}
