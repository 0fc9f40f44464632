package io.processpool.internal.engine;

import io.processpool.internal.codec.Scalars;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serial;
import java.io.Serializable;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.RandomAccess;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The results of a map, if all are ints, longs or doubles: a list that may be changed like any other, and that makes the object
 * of a number when it is read. So a million results take the memory of their bits, and no time of the garbage collector. With
 * the first change it becomes an {@link ArrayList} inside.
 */
@SuppressWarnings({"unchecked", "NullAway"}) // the numbers are those that the tasks have returned as E
final class NumberList<E> extends AbstractList<E> implements RandomAccess, Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Scalars numbers;

    /** What the list has become by a change, or null. */
    private transient @Nullable ArrayList<E> changed;

    NumberList(Scalars numbers) {
        this.numbers = numbers;
    }

    @Override
    public E get(int index) {
        ArrayList<E> list = changed;
        return list == null ? (E) numbers.get(index) : list.get(index);
    }

    @Override
    public int size() {
        ArrayList<E> list = changed;
        return list == null ? numbers.size() : list.size();
    }

    private ArrayList<E> toChange() {
        ArrayList<E> list = changed;
        if (list == null) {
            list = new ArrayList<>((Collection<E>) Arrays.asList(toArray()));
            changed = list;
        }
        return list;
    }

    @Override
    public Object[] toArray() {
        ArrayList<E> list = changed;
        if (list != null) {
            return list.toArray();
        }
        Object[] all = new Object[numbers.size()];
        numbers.copyTo(all, 0);
        return all;
    }

    @Override
    public E set(int index, E element) {
        return toChange().set(index, element);
    }

    @Override
    public void add(int index, E element) {
        modCount++;
        toChange().add(index, element);
    }

    @Override
    public E remove(int index) {
        modCount++;
        return toChange().remove(index);
    }

    @Override
    public boolean addAll(int index, Collection<? extends E> elements) {
        modCount++;
        return toChange().addAll(index, elements);
    }

    @Override
    protected void removeRange(int from, int to) {
        modCount++;
        toChange().subList(from, to).clear();
    }

    @Override
    public boolean removeIf(Predicate<? super E> filter) {
        modCount++;
        return toChange().removeIf(filter);
    }

    @Override
    public boolean removeAll(Collection<?> elements) {
        modCount++;
        return toChange().removeAll(elements);
    }

    @Override
    public boolean retainAll(Collection<?> elements) {
        modCount++;
        return toChange().retainAll(elements);
    }

    /** Travels as an ordinary list. */
    @Serial
    private Object writeReplace() {
        return new ArrayList<>(this);
    }

    /** Nobody has written such an object: it would have no numbers. */
    @Serial
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("what is read instead of it is an ordinary list");
    }
}
