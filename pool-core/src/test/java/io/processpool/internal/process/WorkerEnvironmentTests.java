package io.processpool.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.LaunchSettings;
import io.processpool.internal.SampleLaunch;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerEnvironmentTests {

    private static LaunchSettings settings(Map<String, String> variables, String... inherit) {
        return new SampleLaunch()
                .environment(variables)
                .inheritEnvironment(inherit)
                .make();
    }

    @Test
    void apply_inherited_isScrubbed() {
        Map<String, String> environment = new HashMap<>(Map.of(
                "PATH", "/bin",
                "JAVA_TOOL_OPTIONS", "x",
                "_JAVA_OPTIONS", "x",
                "JDK_JAVA_OPTIONS", "x",
                "CLASSPATH", "x",
                "LOADER_MAIN", "x",
                "LOADER_PATH", "x",
                "PROCESSPOOL_WORKER", "parent",
                "PROCESSPOOL_DEPTH", "1"));

        WorkerEnvironment.apply(environment, settings(Map.of("A", "b{worker}c{worker}"), "*"), false, 3, "marker", 2);

        assertThat(environment)
                .isEqualTo(
                        Map.of("PATH", "/bin", "A", "b3c3", "PROCESSPOOL_WORKER", "marker", "PROCESSPOOL_DEPTH", "2"));
    }

    @Test
    void apply_usersVariables_winOverTheScrub() {
        Map<String, String> environment = new HashMap<>(Map.of("JAVA_TOOL_OPTIONS", "inherited", "DB_PASSWORD", "x"));

        Set<String> withheld = WorkerEnvironment.apply(
                environment, settings(Map.of("JAVA_TOOL_OPTIONS", "wanted", "DB_PASSWORD", "y")), true, 0, "marker", 1);

        assertThat(environment).containsEntry("JAVA_TOOL_OPTIONS", "wanted").containsEntry("DB_PASSWORD", "y");
        assertThat(withheld).isEmpty();
    }

    @Test
    void apply_secrets_areInheritedOnlyIfNamed() {
        Map<String, String> environment = new HashMap<>(Map.of(
                "SPRING_DATASOURCE_PASSWORD",
                "1",
                "S3_SECRET",
                "2",
                "S3_TOKEN",
                "3",
                "GITHUB_TOKEN",
                "4",
                "PATH",
                "5"));

        Set<String> withheld = WorkerEnvironment.apply(
                environment, settings(Map.of(), "SPRING_DATASOURCE_PASSWORD", "S3_*"), false, 0, "marker", 1);

        assertThat(withheld).containsExactly("GITHUB_TOKEN");
        assertThat(environment)
                .containsOnlyKeys(
                        "SPRING_DATASOURCE_PASSWORD",
                        "S3_SECRET",
                        "S3_TOKEN",
                        "PATH",
                        "PROCESSPOOL_WORKER",
                        "PROCESSPOOL_DEPTH");
    }

    @Test
    void apply_untrusted_inheritsOnlyWhatIsHarmless() {
        Map<String, String> environment = new HashMap<>(Map.of(
                "PATH",
                "1",
                "LANG",
                "2",
                "LC_ALL",
                "3",
                "DATABASE_URL",
                "4",
                "KUBERNETES_SERVICE_HOST",
                "5",
                "FONTS",
                "6"));

        Set<String> withheld =
                WorkerEnvironment.apply(environment, settings(Map.of("A", "b"), "FONTS"), true, 0, "marker", 1);

        assertThat(withheld).containsExactly("DATABASE_URL", "KUBERNETES_SERVICE_HOST");
        assertThat(environment)
                .containsOnlyKeys("PATH", "LANG", "LC_ALL", "FONTS", "A", "PROCESSPOOL_WORKER", "PROCESSPOOL_DEPTH");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PASSWORD",
                "PGPASSWORD",
                "spring.datasource.password",
                "MYSQL_PASSWD",
                "SSH_PASSPHRASE",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN",
                "github_token",
                "OPENAI_API_KEY",
                "APIKEY",
                "api-key",
                "GOOGLE_APPLICATION_CREDENTIALS",
                "TLS_PRIVATE_KEY",
                "PRIVATE_KEY_PEM",
                "STORAGE_ACCESS_KEY",
                "ENCRYPTION_KEY",
                "DB_PASS",
                "MYSQL_PWD",
                "ftp.pwd",
                "GITHUB_PAT",
                "STRIPE_KEY",
                "STORAGE_KEY",
                "ssh_key",
                "AUTH_TOKENS"
            })
    void isSecret_looksLikeOne(String name) {
        assertThat(WorkerEnvironment.isSecret(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PATH",
                "PWD",
                "OLDPWD",
                "HOME",
                "TOKENIZERS_PARALLELISM",
                "KEYBOARD",
                "SSH_AUTH_SOCK",
                "XAUTHORITY",
                "JAVA_HOME",
                "SPRING_PROFILES_ACTIVE",
                "AUTH_KEYCLOAK_URL",
                "PUBLIC_KEY",
                "SSH_PUBLIC_KEY",
                "CACHE_KEY",
                "HOTKEY",
                "KEY_COUNT",
                "COMPASS",
                "BYPASS",
                "PASS_THROUGH",
                "PWD_DEPTH",
                "CLASS_PATTERN",
                "TOKENS",
                "MAX_TOKENS",
                "TOKEN_LIMIT",
                "MAX_TOKEN_LENGTH"
            })
    void isSecret_looksLikeNone(String name) {
        assertThat(WorkerEnvironment.isSecret(name)).isFalse();
    }

    @Test
    void newMarker_nested_continuesThatOfItsParent() {
        String outer = WorkerEnvironment.newMarker(null);

        assertThat(WorkerEnvironment.newMarker(outer)).startsWith(outer + "/").hasSizeGreaterThan(outer.length() + 20);
        assertThat(WorkerEnvironment.newMarker(null)).isNotEqualTo(outer);
    }
}
