"""FeeSchedule.packedQuote: all that quotes depend on, in a word that is good until an instant that it says."""

SCHEMA = bytes.fromhex("11" * 32)
OTHER_SCHEMA = bytes.fromhex("22" * 32)
LOW, SUBSTANTIAL, HIGH = 1, 2, 3


def packed(price, good_until):
    """The word of the version in conftest, from the highest bits down."""
    word = price
    for share in (1500, 700, 500, 300, 2000, 100, 200):  # the provider has the rest; discount; sunsets in days
        word = word << 16 | share
    return word << 40 | good_until


def good_until_of(word):
    return word & (1 << 40) - 1


def test_says_that_a_current_version_is_good_for_the_life_of_an_order_from_now_on(schedule, version, mine_at, chain):
    life, now = schedule.orderLifeSeconds(), chain[-1].timestamp
    for seconds in (0, 1, 10 * life):
        if seconds:
            mine_at(now + seconds)

        for level, price in ((LOW, 1_000_003), (HIGH, 2_500_000)):
            assert schedule.packedQuote(version, SCHEMA, level) == packed(price, now + seconds + life)


def test_says_until_when_a_superseded_version_is_good(schedule, version, publish_another, mine_at):
    good_until = publish_another() + schedule.orderLifeSeconds()
    for seconds in (100, 1, 0):
        mine_at(good_until - seconds)

        assert schedule.packedQuote(version, SCHEMA, LOW) == packed(1_000_003, good_until)


def test_a15_said_the_truth_whatever_is_voted_next(schedule, version, publish_another, mine_at):
    said = schedule.packedQuote(version, SCHEMA, LOW)
    quoted = tuple(schedule.quote(version, SCHEMA, LOW, 0, 0, False, True))

    publish_another()

    mine_at(good_until_of(said))
    assert tuple(schedule.quote(version, SCHEMA, LOW, 0, 0, False, True)) == quoted
    assert good_until_of(schedule.packedQuote(version, SCHEMA, LOW)) >= good_until_of(said)


def test_a15_reverts_when_a_superseded_version_is_no_longer_good(
    schedule, version, publish_another, mine_at, reverts_with
):
    good_until = publish_another() + schedule.orderLifeSeconds()

    mine_at(good_until + 1)

    with reverts_with("FeeScheduleVersionSuperseded", version, good_until):
        schedule.packedQuote(version, SCHEMA, LOW)


def test_reverts_when_the_version_is_unknown(schedule, version, reverts_with):
    for unknown in (0, version + 1, 2**32 - 1):
        with reverts_with("FeeScheduleVersionUnknown", unknown):
            schedule.packedQuote(unknown, SCHEMA, LOW)


def test_reverts_when_the_price_is_missing(schedule, version, reverts_with):
    for schema, level in ((SCHEMA, SUBSTANTIAL), (SCHEMA, 0), (OTHER_SCHEMA, LOW)):
        with reverts_with("FeeSchedulePriceMissing", version, schema, level):
            schedule.packedQuote(version, schema, level)
