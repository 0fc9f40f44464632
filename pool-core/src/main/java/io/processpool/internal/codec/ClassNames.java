package io.processpool.internal.codec;

import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.SerializedLambda;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of classes and lambdas as their author knows them. Never calls the user's {@code toString}. */
final class ClassNames {

    private static final String LAMBDA_CLASS = "$$Lambda";

    /** What javac calls the body of a lambda; that of a serializable one has a hash of its signature in its name. */
    private static final Pattern LAMBDA_BODY = Pattern.compile("(?:lambda\\$)+(.+?)(?:\\$[0-9a-f]+)?\\$\\d+");

    private ClassNames() {}

    /** Names a class. */
    static String of(Class<?> type) {
        if (!isLambda(type)) {
            return type.getTypeName();
        }
        String name = type.getName();
        Class<?>[] interfaces = type.getInterfaces();
        String in = "lambda in " + name.substring(0, name.indexOf(LAMBDA_CLASS));
        return interfaces.length == 0 ? in : in + ", a " + interfaces[0].getName();
    }

    /** Names a class by its name in a stream or in a linkage error: {@code [Lcom.acme.Order;}, {@code com/acme/Order}. */
    static String ofBinary(String name) {
        String dotted = name.replace('/', '.');
        int dimensions = dotted.lastIndexOf('[') + 1;
        return dimensions > 0 && dotted.startsWith("L", dimensions) && dotted.endsWith(";")
                ? dotted.substring(dimensions + 1, dotted.length() - 1)
                : dotted;
    }

    /** Names a serializable lambda or method reference by where it stands in the source. */
    static String of(SerializedLambda lambda) {
        String method = lambda.getImplMethodName();
        Matcher body = LAMBDA_BODY.matcher(method);
        if (!body.matches()) {
            return "method reference " + ofBinary(lambda.getImplClass()) + "::"
                    + (method.equals("<init>") ? "new" : method);
        }
        String enclosing = switch (body.group(1)) {
            case "new" -> "the constructor";
            case "static" -> "the static initializer";
            default -> body.group(1);
        };
        return "lambda in " + ofBinary(lambda.getCapturingClass()) + "." + enclosing;
    }

    /** Tells whether a class was made by the JVM for a lambda or method reference. */
    static boolean isLambda(Class<?> type) {
        return type.isHidden() && type.getName().contains(LAMBDA_CLASS);
    }

    /** Tells whether the first captured argument of a lambda is the {@code this} of the method that it stands in. */
    static boolean capturesThis(SerializedLambda lambda, Object firstArgument) {
        if (lambda.getImplMethodKind() == MethodHandleInfo.REF_invokeStatic) {
            return false;
        }
        String capturing = ofBinary(lambda.getCapturingClass());
        for (Class<?> type = firstArgument.getClass(); type != null; type = type.getSuperclass()) {
            if (type.getName().equals(capturing)) {
                return true;
            }
        }
        return false;
    }
}
