package io.processpool;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.processpool.internal.Checks;
import io.processpool.internal.CurrentWorker;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The layers of {@code docs/architecture.md}, as rules.
 *
 * <pre>
 *   API          sees the root of internal; its builder() alone sees engine
 *   fory         sees the API; is seen by nobody
 *   engine       sees all
 *   scheduler    sees transport, wire, codec, bytes
 *   worker       sees transport, wire, codec, bytes; is seen by engine's inline mode alone
 *   process      sees archive, the root of internal
 *   archive      sees nobody; is seen by process alone
 *   transport    sees wire, bytes
 *   codec        sees bytes, and of the root of internal what makes text fit for a log
 *   wire         sees bytes
 *   bytes        sees nobody
 * </pre>
 */
@Timeout(60)
class ArchitectureTests {

    private static final String API = "io.processpool";
    private static final String FORY = "io.processpool.fory";
    private static final String ROOT = "io.processpool.internal";
    private static final String BYTES = ROOT + ".bytes";
    private static final String WIRE = ROOT + ".wire";
    private static final String CODEC = ROOT + ".codec";
    private static final String TRANSPORT = ROOT + ".transport";
    private static final String ARCHIVE = ROOT + ".archive";
    private static final String PROCESS = ROOT + ".process";
    private static final String SCHEDULER = ROOT + ".scheduler";
    private static final String WORKER = ROOT + ".worker";
    private static final String ENGINE = ROOT + ".engine";
    private static final List<String> ALL =
            List.of(API, FORY, ROOT, BYTES, WIRE, CODEC, TRANSPORT, ARCHIVE, PROCESS, SCHEDULER, WORKER, ENGINE);

    private static JavaClasses all;

    @BeforeAll
    static void importClasses() {
        all = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("/test-classes/"))
                .importPackages(API);
        assertThat(all).hasSizeGreaterThan(100);
    }

    private static void check(ArchRule rule) {
        rule.check(all);
    }

    private static DescribedPredicate<JavaClass> foreign() {
        return not(resideInAPackage(API + ".."));
    }

    private static DescribedPredicate<JavaClass> named(String... names) {
        Set<String> set = Set.of(names);
        return describe(
                "are " + String.join(", ", new TreeSet<>(set)),
                javaClass -> set.contains(javaClass.getName())
                        || set.contains(outermost(javaClass).getName()));
    }

    private static JavaClass outermost(JavaClass javaClass) {
        return javaClass.getEnclosingClass().map(ArchitectureTests::outermost).orElse(javaClass);
    }

    /** A layer sees itself, those that are named, and what is not ours. */
    private static void checkSees(String layer, String because, String... others) {
        check(classes()
                .that()
                .resideInAPackage(layer)
                .should()
                .onlyDependOnClassesThat(
                        resideInAPackage(layer).or(resideInAnyPackage(others)).or(foreign()))
                .because(because));
    }

    // ---- layers ---------------------------------------------------------------------------------------------------

    @Test
    void packages_ofTheLibrary_areThoseThatHaveARule() {
        Set<String> packages =
                all.stream().map(JavaClass::getPackageName).collect(Collectors.toCollection(TreeSet::new));

        assertThat(packages).as("a new package needs a place in the layers").containsExactlyInAnyOrderElementsOf(ALL);
    }

    @Test
    void api_seesChecksAndCurrentWorkerAlone() {
        check(classes()
                .that()
                .resideInAPackage(API)
                .and(not(named(API + ".ProcessPool")))
                .should()
                .onlyDependOnClassesThat(resideInAPackage(API)
                        .or(belongToAnyOf(Checks.class, CurrentWorker.class))
                        .or(foreign()))
                .because("users compile against the API, and must not meet the implementation through it"));
    }

    @Test
    void api_onlyBuilderTouchesTheEngine() {
        check(classes()
                .that(named(API + ".ProcessPool"))
                .should()
                .onlyDependOnClassesThat(
                        resideInAPackage(API).or(resideInAPackage(ENGINE)).or(foreign()))
                .because("builder() and create() are the one door from the API to the implementation"));
        check(noClasses()
                .that()
                .resideInAPackage(API)
                .should()
                .callCodeUnitWhere(describe(
                        "reach the engine other than in builder()",
                        call -> call.getTargetOwner().getPackageName().equals(ENGINE)
                                && !call.getOrigin().getName().equals("builder")))
                .because("one door is enough"));
    }

    @Test
    void api_signatures_showNothingInternal() {
        check(classes()
                .that()
                .resideInAPackage(API)
                .should(new ArchCondition<>("have no internal type in the signature of a public member") {
                    @Override
                    public void check(JavaClass owner, ConditionEvents events) {
                        for (JavaCodeUnit unit : owner.getCodeUnits()) {
                            if (!unit.getModifiers().contains(JavaModifier.PUBLIC)) {
                                continue;
                            }
                            Set<JavaClass> types = new HashSet<>(unit.getRawParameterTypes());
                            types.add(unit.getRawReturnType());
                            for (JavaClass type : types) {
                                if (type.getPackageName().startsWith(ROOT)) {
                                    events.add(SimpleConditionEvent.violated(
                                            unit, unit.getFullName() + " shows " + type.getName()));
                                }
                            }
                        }
                    }
                })
                .because("what is in a signature cannot be changed without breaking users"));
    }

    @Test
    void root_seesTheApiAlone() {
        checkSees(ROOT, "settings and checks are shared by all, so they may know nobody but the API", API);
    }

    @Test
    void fory_seesTheApiAndIsSeenByNobody() {
        checkSees(FORY, "it is a codec like one that users write", API);
        check(noClasses()
                .that()
                .resideOutsideOfPackage(FORY)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(FORY)
                .because("Fory is optional: whatever else loads a class of it does not run without"));
        check(noClasses()
                .that()
                .resideOutsideOfPackage(FORY)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.fory..")
                .because("Fory is optional"));
        check(noClasses()
                .that(named(FORY + ".ForyCodec"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.fory..")
                .because("it must be there to say what is missing"));
    }

    @Test
    void bytes_seesNobody() {
        checkSees(BYTES, "it is the bottom: sequences of bytes mean nothing there");
    }

    @Test
    void wire_seesBytes() {
        checkSees(WIRE, "the protocol must be readable, and testable, without anybody who speaks it", BYTES);
    }

    @Test
    void codec_seesBytesAndTheApi() {
        checkSees(
                CODEC,
                "values are encoded the same whatever carries them; Codec and the exceptions are API",
                BYTES,
                ROOT,
                API);
    }

    @Test
    void transport_seesWireAndBytes() {
        checkSees(
                TRANSPORT,
                "a channel carries messages and does not care about tasks, processes or users' values",
                WIRE,
                BYTES);
    }

    @Test
    void archive_seesNobodyAndIsSeenByProcessAlone() {
        checkSees(
                ARCHIVE, "an archive is code: who may have written it must be told in one place, without distraction");
        check(noClasses()
                .that()
                .resideOutsideOfPackages(ARCHIVE, PROCESS)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ARCHIVE)
                .because("archives are a matter of how workers are launched"));
    }

    @Test
    void process_seesArchiveRootAndApi() {
        checkSees(
                PROCESS,
                "launching and killing processes is hard enough without knowing what they are for; settings come from the"
                        + " root, exceptions and exit records are API",
                ARCHIVE,
                ROOT,
                API);
    }

    @Test
    void scheduler_seesWhatLiesBelow() {
        checkSees(
                SCHEDULER,
                "it knows workers as lanes only, so that every rule of dispatch can be tested without a process",
                TRANSPORT,
                WIRE,
                CODEC,
                BYTES,
                ROOT,
                API);
    }

    @Test
    void worker_seesWhatLiesBelowAndOneHelper() {
        check(classes()
                .that()
                .resideInAPackage(WORKER)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(WORKER, TRANSPORT, WIRE, CODEC, BYTES, ROOT, API)
                        .or(named(PROCESS + ".RuntimeDirectory"))
                        .or(foreign()))
                .because(
                        "the child loads as little as possible, and knows nothing of pools; RuntimeDirectory is the one"
                                + " exception, since the last worker removes the directory of a pool that died"));
    }

    @Test
    void worker_isSeenByInlineModeAlone() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(WORKER)
                .and(not(named(ENGINE + ".InlineWorkers", ENGINE + ".InlineProcess")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(WORKER)
                .because("it is the program of another process; only INLINE mode runs it in this one"));
    }

    @Test
    void engine_isSeenByBuilderAlone() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(ENGINE)
                .and(not(named(API + ".ProcessPool")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ENGINE)
                .because("it wires everything and is the top: nobody may lean on it"));
    }

    @Test
    void layers_haveNoCycles() {
        check(slices().matching(ROOT + ".(*)..")
                .should()
                .beFreeOfCycles()
                .because("arrows go one way, or there are no layers"));
    }

    // ---- libraries ------------------------------------------------------------------------------------------------

    @Test
    void libraries_areSlf4jAndAnnotations() {
        check(classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        API + "..",
                        "java..",
                        "javax..",
                        "org.slf4j..",
                        "org.jspecify.annotations..",
                        "com.google.errorprone.annotations..",
                        "sun.misc..",
                        "jdk.net..", // to ask whose process has connected
                        "org.apache.fory..") // of the package fory alone, see above
                .because("whoever uses pool-core must not get libraries that he did not ask for"));
    }

    @Test
    void spring_isUnknown() {
        check(noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "jakarta..", "io.micrometer..")
                .because("the starter is another module"));
    }

    @Test
    void bottomLayersAndWorker_doNotLog() {
        check(noClasses()
                .that()
                .resideInAnyPackage(API, FORY, BYTES, WIRE, CODEC, ARCHIVE, WORKER)
                .and()
                .doNotHaveSimpleName("WorkerMdc") // used only if a submission brings entries of an MDC
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.slf4j..")
                .because("in a worker a logger would set up the application's whole logging, and write to its files"));
    }

    // ---- the JVM and the operating system -------------------------------------------------------------------------

    @Test
    void signals_areTheWorkersBusiness() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(WORKER)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("sun..", "jdk.internal..", "com.sun..")
                .because(
                        "sun.misc.Signal has no replacement, and a library must not touch its host's signal handlers"));
    }

    @Test
    void processes_areMadeAndKilledInOnePlace() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(PROCESS, WORKER)
                .should()
                .callMethodWhere(describe(
                        "use a process, other than to ask for the own pid",
                        call -> ofProcess(call) && !Set.of("current", "pid").contains(call.getName())))
                .orShould()
                .callMethod(Runtime.class, "exec", String.class)
                .orShould()
                .callMethod(Runtime.class, "exec", String[].class)
                .because("killing and reaping differ by platform: all of it stands behind one interface with a twin"));
    }

    private static boolean ofProcess(JavaCall<?> call) {
        JavaClass owner = call.getTargetOwner();
        return owner.isEquivalentTo(ProcessHandle.class)
                || owner.isEquivalentTo(Process.class)
                || owner.isEquivalentTo(ProcessBuilder.class);
    }

    @Test
    void exit_isTheWorkersBusiness() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(WORKER)
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .because("a library never ends the JVM of its user"));
    }

    @Test
    void standardStreams_areTheWorkersBusiness() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(WORKER)
                .should()
                .accessField(System.class, "err")
                .orShould()
                .accessField(System.class, "in")
                .because("a library reports through SLF4J; a worker has nothing but its stderr, which the pool keeps"));
        check(noClasses()
                .should()
                .accessField(System.class, "out")
                .because("stdout belongs to the tasks, in the worker too"));
        check(noClasses()
                .should()
                .callMethod(Throwable.class, "printStackTrace")
                .because("it writes to stderr behind everybody's back"));
    }

    @Test
    void logging_isSlf4j() {
        check(noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.logging..", "org.apache.logging..", "org.apache.commons.logging..")
                .because("users choose their logging"));
    }

    @Test
    void nobody_sleepsOrPolls() {
        check(noClasses()
                .should()
                .callMethodWhere(describe(
                        "sleep",
                        call -> call.getTargetOwner().isEquivalentTo(Thread.class)
                                && call.getName().equals("sleep")))
                .because("nothing polls: exits, sockets and one timer wake whoever waits"));
    }

    @Test
    void nobody_finalizes() {
        check(noClasses()
                .should(new ArchCondition<>("have a finalizer") {
                    @Override
                    public void check(JavaClass owner, ConditionEvents events) {
                        boolean finalizer = owner.tryGetMethod("finalize").isPresent();
                        events.add(new SimpleConditionEvent(owner, finalizer, owner.getName() + " has finalize()"));
                    }
                })
                .because("finalization is going away; what is dropped is noticed by a Cleaner"));
    }

    // ---- shape ----------------------------------------------------------------------------------------------------

    @Test
    void packages_allAreNullMarked() throws ClassNotFoundException {
        for (String name : ALL) {
            Class<?> info = Class.forName(name + ".package-info");

            assertThat(info.isAnnotationPresent(NullMarked.class))
                    .as("%s is @NullMarked, because null is meant only where it is written", name)
                    .isTrue();
        }
    }

    @Test
    void internalClasses_areNotMadeToBeExtended() {
        check(classes()
                .that()
                .resideInAPackage(ROOT + "..")
                .and(describe("have a name", javaClass -> !javaClass.isAnonymousClass() && !javaClass.isLocalClass()))
                .should(new ArchCondition<>("be final, abstract, sealed, an interface, an enum or a record") {
                    @Override
                    public void check(JavaClass item, ConditionEvents events) {
                        boolean shaped = item.getModifiers().contains(JavaModifier.FINAL)
                                || item.getModifiers().contains(JavaModifier.ABSTRACT)
                                || item.isInterface()
                                || item.isEnum()
                                || item.isRecord()
                                || item.reflect().isSealed();
                        events.add(new SimpleConditionEvent(item, shaped, item.getName() + " is open to be extended"));
                    }
                })
                .because("a class is made to be extended, or it is final"));
    }

    @Test
    void exceptions_areUncheckedAndOfOneFamily() {
        check(classes()
                .that()
                .resideInAPackage(API)
                .and()
                .areAssignableTo(Throwable.class)
                .should()
                .beAssignableTo(ProcessPoolException.class)
                .because("callers catch one type for everything that the pool itself throws"));
    }

    @Test
    void functions_areSerializable() {
        check(classes()
                .that()
                .resideInAPackage(API)
                .and(describe(
                        "are task functions",
                        javaClass -> javaClass.getSimpleName().matches("Task.*(Callable|Runnable|Function)")))
                .should()
                .beAssignableTo(Serializable.class)
                .because("so that lambdas and method references travel without a cast"));
    }
}
