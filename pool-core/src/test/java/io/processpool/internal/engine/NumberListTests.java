package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.processpool.internal.codec.Scalars;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serial;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** It is like an {@link ArrayList} of the same numbers, whatever is done to it. */
@Timeout(60)
class NumberListTests {

    private static List<Integer> numbers() {
        return new NumberList<>(Objects.requireNonNull(Scalars.of(new int[] {5, 3, 1_000_000, 3, -7})));
    }

    static Stream<Consumer<List<Integer>>> changes() {
        return Stream.of(
                list -> list.set(1, 9),
                list -> list.add(9),
                list -> list.add(0, null),
                list -> list.addAll(2, List.of(1, 2)),
                list -> list.addAll(List.of(1, 2)),
                list -> list.remove(4),
                list -> list.remove((Object) 1_000_000),
                list -> list.removeIf(number -> number == 3),
                list -> list.removeAll(List.of(3)),
                list -> list.retainAll(List.of(3)),
                list -> list.sort(Comparator.naturalOrder()),
                list -> list.replaceAll(number -> number + 1),
                list -> list.subList(1, 3).clear(),
                list -> list.subList(1, 3).set(0, 4),
                list -> list.listIterator(2).add(4),
                list -> {
                    Iterator<Integer> iterator = list.iterator();
                    iterator.next();
                    iterator.remove();
                    iterator.next();
                    iterator.remove();
                },
                List::clear);
    }

    @ParameterizedTest
    @MethodSource("changes")
    void change_ofWhateverKind_isThatOfAnArrayList(Consumer<List<Integer>> change) {
        List<Integer> list = numbers();
        List<Integer> expected = new ArrayList<>(numbers());

        change.accept(list);
        change.accept(expected);

        assertThat(list).isEqualTo(expected).hasSameHashCodeAs(expected);
        assertThat(list.toArray()).isEqualTo(expected.toArray());
        assertThat(list.stream().toList()).isEqualTo(expected);
    }

    @Test
    void read_unchanged_isThatOfAnArrayList() {
        List<Integer> list = numbers();

        assertThat(list).isEqualTo(List.of(5, 3, 1_000_000, 3, -7)).hasSize(5);
        assertThat(list.toArray(new Integer[0])).containsExactly(5, 3, 1_000_000, 3, -7);
        assertThat(list.indexOf(3)).isEqualTo(1);
        assertThat(list.lastIndexOf(3)).isEqualTo(3);
        assertThat(list.contains(4)).isFalse();
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> list.get(5));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> list.get(-1));
    }

    @Test
    void iterator_theListGrowsMeanwhile_fails() {
        List<Integer> list = numbers();
        Iterator<Integer> iterator = list.iterator();

        list.add(1);

        assertThatExceptionOfType(ConcurrentModificationException.class).isThrownBy(iterator::next);
    }

    @Test
    void serialization_changedOrNot_givesAnOrdinaryList() throws Exception {
        List<Integer> list = numbers();
        assertThat(copy(list)).isInstanceOf(ArrayList.class).isEqualTo(list);

        list.add(4);

        assertThat(copy(list)).isInstanceOf(ArrayList.class).isEqualTo(list);
    }

    /** Has no more fields than the real one that travel. */
    private static final class NumberLies extends AbstractList<Integer> implements Serializable {

        @Serial
        private static final long serialVersionUID = 1L;

        @Override
        public Integer get(int index) {
            throw new IndexOutOfBoundsException(index);
        }

        @Override
        public int size() {
            return 0;
        }
    }

    @Test
    void serialization_forgedBytes_areRefused() throws Exception {
        String forged = bytes(new NumberLies()).replace(written(NumberLies.class), written(NumberList.class));

        assertThatExceptionOfType(InvalidObjectException.class)
                .isThrownBy(() -> read(forged))
                .withMessageContaining("ordinary list");
    }

    /** Returns the name of a class as it stands in a stream: its length, in two bytes, comes first. */
    private static String written(Class<?> type) {
        String name = type.getName();
        return "\0" + (char) name.length() + name;
    }

    private static Object copy(Object object) throws Exception {
        return read(bytes(object));
    }

    private static String bytes(Object object) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    private static Object read(String bytes) throws Exception {
        try (ObjectInputStream in =
                new ObjectInputStream(new ByteArrayInputStream(bytes.getBytes(StandardCharsets.ISO_8859_1)))) {
            return in.readObject();
        }
    }
}
