package io.processpool.testing;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Sources for maps: without a known size, watched, endless, and broken in all ways. */
public final class Sources {

    private Sources() {}

    /** Returns the items as something that is no collection. */
    public static <T> Iterable<T> unsized(List<T> items) {
        return items::iterator;
    }

    /** Returns 0, 1, 2 … without end. */
    public static Iterable<Integer> endless() {
        return () -> Stream.iterate(0, x -> x + 1).iterator();
    }

    /** Returns the items, and tells the observer of each that is pulled, in the thread that pulls. */
    public static <T> Iterable<T> observed(Iterable<T> items, Consumer<T> observer) {
        return () -> {
            Iterator<T> iterator = items.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return iterator.hasNext();
                }

                @Override
                public T next() {
                    T item = iterator.next();
                    observer.accept(item);
                    return item;
                }
            };
        };
    }

    /** Returns 0, 1 … and throws instead of the element of the given index. */
    public static Iterable<Integer> throwingInNext(int at, Throwable failure) {
        return () -> new Broken(Integer.MAX_VALUE, at, failure);
    }

    /** Returns 0, 1 … and throws when asked whether there is an element of the given index. */
    public static Iterable<Integer> throwingInHasNext(int at, Throwable failure) {
        return () -> new Broken(at, Integer.MAX_VALUE, failure);
    }

    /** Throws when asked for its iterator. */
    public static Iterable<Integer> throwingInIterator(Throwable failure) {
        return () -> {
            throw Sources.<RuntimeException>sneaky(failure);
        };
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> RuntimeException sneaky(Throwable e) throws E {
        throw (E) e;
    }

    private static final class Broken implements Iterator<Integer> {

        private final int inHasNext;
        private final int inNext;
        private final Throwable failure;
        private int next;
        private boolean broken;

        Broken(int inHasNext, int inNext, Throwable failure) {
            this.inHasNext = inHasNext;
            this.inNext = inNext;
            this.failure = failure;
        }

        private void breakAt(int at) {
            if (broken) {
                throw new NoSuchElementException("asked again after it had thrown");
            }
            if (next == at) {
                broken = true;
                throw Sources.<RuntimeException>sneaky(failure);
            }
        }

        @Override
        public boolean hasNext() {
            breakAt(inHasNext);
            return true;
        }

        @Override
        public Integer next() {
            breakAt(inNext);
            return next++;
        }
    }
}
