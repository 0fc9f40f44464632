package io.processpool.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.processpool.internal.bytes.Bytes;
import io.processpool.internal.scheduler.Ending;
import io.processpool.internal.scheduler.Lane;
import io.processpool.internal.wire.ItemStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HeldBytesTests {

    private static final int LIMIT = 1000;
    private static final int WORKERS = 3;

    private final HeldBytes held = new HeldBytes(LIMIT);

    private final FleetFixture pool = new FleetFixture(1, 0);

    @AfterEach
    void close() {
        pool.close();
    }

    private Lane lane() {
        pool.settle();
        return pool.worker("0.0").lane;
    }

    private static Ending value(int bytes) {
        return new Ending.Value(Bytes.of(new byte[bytes]));
    }

    private void add(int count, int bytes) {
        for (int i = 0; i < count; i++) {
            held.add(value(bytes));
        }
    }

    private long room(long onTheirWay) {
        return held.room(onTheirWay, WORKERS, 1);
    }

    @Test
    void room_nothingIsKnown_isForSomeItemsOrTwoChunksForEachWorker() {
        assertThat(room(0)).isEqualTo(256);
        assertThat(room(256)).isZero();
        assertThat(held.room(0, WORKERS, 1000)).isEqualTo(6000);
    }

    @Test
    void room_resultsWithoutBytes_isWithoutLimit() {
        held.add(new Ending.Scalar(1));

        assertThat(room(1_000_000)).isGreaterThan(1_000_000);
    }

    @Test
    void room_asManyAsMostLikelyFit_lessWhatIsOnItsWay() {
        add(3, 100);

        assertThat(room(0)).isEqualTo(7);
        assertThat(room(5)).isEqualTo(2);
        assertThat(room(9)).isNegative();
    }

    @Test
    void room_resultsAreVeryLarge_isForTwoForEachWorker() {
        add(1, 900);

        assertThat(room(0)).isEqualTo(2 * WORKERS);
        assertThat(held.part(WORKERS, 1)).isEqualTo(1);
    }

    @Test
    void room_moreWaitsThanIsAllowed_isNoneUntilItIsTaken() {
        add(11, 100);
        assertThat(room(0)).isZero();

        held.remove(value(100));

        assertThat(held.held()).isEqualTo(LIMIT);
        assertThat(room(0)).isEqualTo(2 * WORKERS);
    }

    @Test
    void room_resultsGrowOrShrink_followsTheLastOnes() {
        add(50, 1);
        add(30, 100);
        for (int i = 0; i < 30; i++) {
            held.remove(value(100));
        }
        assertThat(room(0)).isBetween(9L, 11L);

        add(50, 1);

        assertThat(room(0)).isGreaterThan(400);
    }

    @Test
    void part_isAQuarterOfWhatFits() {
        add(1, 10);

        assertThat(held.part(WORKERS, 1)).isEqualTo(25);
    }

    @Test
    void ration_isUsedUp_takesNoMoreBeforeSomeIsGivenBack() {
        Ration ration = new Ration(4000);
        assertThat(ration.take(3900)).isTrue();
        assertThat(ration.take(101)).isFalse();
        assertThat(ration.waiting()).isEqualTo(3900);
        assertThat(ration.take(100)).isTrue();
        assertThat(ration.take(1)).isFalse();
        assertThat(ration.take(0)).as("what takes none").isTrue();

        ration.giveBack(100);

        assertThat(ration.take(1)).isTrue();
    }

    @Test
    void ration_nothingWaits_takesWhateverComes() {
        Ration ration = new Ration(4000);

        assertThat(ration.take(4001)).isTrue();

        assertThat(ration.take(1)).isFalse();
    }

    /** A large result that is dropped must not stay because a small one that came with it is kept. */
    @Test
    void ownBytes_smallPartOfALargeFrame_isACopy() {
        byte[] frame = new byte[1000];
        frame[998] = 7;
        Lane lane = lane();
        Bytes part = Bytes.of(frame, 998, 2);

        Ending.Suspect suspect = (Ending.Suspect) HeldBytes.ownBytes(new Ending.Suspect(part, lane));
        Ending.Thrown thrown = (Ending.Thrown) HeldBytes.ownBytes(new Ending.Thrown(ItemStatus.THREW, part, lane));

        assertThat(suspect.payload().toArray()).containsExactly(7, 0);
        assertThat(suspect.payload().isCompact()).isTrue();
        assertThat(suspect.lane()).isSameAs(lane);
        assertThat(thrown.payload().toArray()).containsExactly(7, 0);
        assertThat(thrown.payload().isCompact()).isTrue();
    }

    @Test
    void ownBytes_mostOfAFrame_isLeftAsItIs() {
        Ending large = new Ending.Suspect(Bytes.of(new byte[1000], 10, 900), lane());

        assertThat(HeldBytes.ownBytes(large)).isSameAs(large);
    }

    /** What docs/security.md adds up: none of its terms grows with the number of items. */
    @Test
    void limits_ofThisJvm_areFractionsOfItsHeap() {
        long heap = Runtime.getRuntime().maxMemory();

        assertThat(HeldBytes.LIMIT).isEqualTo(Math.min(256L << 20, heap / 8));
        assertThat(Ration.MOST).isEqualTo(heap / 2);
    }
}
