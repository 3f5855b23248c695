"""FeeSchedule.publish: versions, and what a version may not say."""

import pytest

SCHEMA = bytes.fromhex("11" * 32)
OTHER_SCHEMA = bytes.fromhex("22" * 32)
LOW, SUBSTANTIAL, HIGH = 1, 2, 3
MOST_UINT104 = 2**104 - 1
DAY_SECONDS = 86_400


def test_makes_the_next_version_current_when_called_by_council(schedule, council, rates, prices):
    before = schedule.currentVersion()

    tx = schedule.publish(rates(), prices, {"from": council})

    assert tx.return_value == before + 1
    assert schedule.currentVersion() == before + 1
    assert tuple(schedule.versionOf(before + 1)) == (*rates(), tx.timestamp, 0)
    assert [schedule.priceOf(before + 1, schema, level) for schema, level, _ in prices] == [p for _, _, p in prices]


def test_supersedes_the_version_before_when_another_is_published(schedule, council, rates, prices, version):
    former = tuple(schedule.versionOf(version))

    tx = schedule.publish(rates(), [(SCHEMA, LOW, 9)], {"from": council})

    assert tuple(schedule.versionOf(version)) == (*former[:5], tx.timestamp)
    assert schedule.versionOf(version + 1)[5] == 0
    assert schedule.priceOf(version, SCHEMA, LOW) == prices[0][2]
    assert schedule.priceOf(version + 1, SCHEMA, LOW) == 9


def test_emits_all_that_rebuilds_the_version_when_published(schedule, council, rates, prices):
    tx = schedule.publish(rates(), prices, {"from": council})

    assert len(tx.events) == 1
    event = tx.events["VersionPublished"]
    assert event["version"] == tx.return_value
    assert tuple(event["rates"]) == rates()
    assert [(bytes(schema), level, price) for schema, level, price in event["prices"]] == prices


def test_takes_prices_when_they_are_at_the_bounds(schedule, council, rates):
    prices = [(SCHEMA, LOW, 1), (SCHEMA, HIGH, MOST_UINT104)]

    published = schedule.publish(rates(), prices, {"from": council}).return_value

    assert schedule.priceOf(published, SCHEMA, LOW) == 1
    assert schedule.priceOf(published, SCHEMA, HIGH) == MOST_UINT104


def test_takes_the_whole_fee_for_the_provider_when_nobody_else_has_a_share(schedule, council, rates, prices, shares):
    whole = shares(10_000, 0, 0, 0, 0)

    published = schedule.publish(rates(shares=whole), prices, {"from": council}).return_value

    assert schedule.versionOf(published)[0] == whole


def test_h095_takes_a_full_publication_when_the_block_is_of_common_size(schedule, council, rates):
    most = schedule.mostPrices()
    prices = [(index.to_bytes(32, "big"), HIGH, index + 1) for index in range(most)]

    tx = schedule.publish(rates(), prices, {"from": council})

    # The return value would be read from a trace of some 10^6 steps.
    assert schedule.priceOf(schedule.currentVersion(), prices[-1][0], HIGH) == most
    assert tx.gas_used < 10_000_000


def test_reverts_when_caller_is_not_the_council(schedule, rates, prices, stranger, treasurer, guardian, reverts_with):
    for caller in (stranger, treasurer, guardian):
        with reverts_with("AccessManagedUnauthorized", caller):
            schedule.publish(rates(), prices, {"from": caller})


@pytest.mark.parametrize(
    "parts",
    [
        (6999, 1500, 700, 500, 300),
        (7001, 1500, 700, 500, 300),
        (0, 0, 0, 0, 0),
        # Sums that are 10,000 only where 16 bits wrap around: 75,536 and 141,072.
        (65_535, 10_001, 0, 0, 0),
        (65_535, 65_535, 10_002, 0, 0),
        (65_535, 65_535, 65_535, 65_535, 65_535),
    ],
)
def test_h085_reverts_when_shares_are_not_whole(schedule, council, rates, prices, shares, parts, reverts_with):
    word = shares(*parts)

    with reverts_with("FeeScheduleSharesNotWhole", word, sum(parts)):
        schedule.publish(rates(shares=word), prices, {"from": council})


def test_h097_reverts_when_others_take_the_whole_fee(schedule, council, rates, prices, shares, reverts_with):
    word = shares(0, 8500, 700, 500, 300)

    with reverts_with("FeeScheduleProviderShareMissing", word):
        schedule.publish(rates(shares=word), prices, {"from": council})


def test_h097_reverts_when_the_discount_is_the_whole_price(schedule, council, rates, prices, reverts_with):
    for discount in (10_000, 65_535):
        with reverts_with("FeeScheduleDiscountTooHigh", discount):
            schedule.publish(rates(host_discount_bps=discount), prices, {"from": council})


@pytest.mark.parametrize("days", [0, 1, 49_710])
def test_takes_sunsets_of_whole_days(schedule, council, rates, prices, days):
    sunsets = {
        "consumer_recruiter_sunset_seconds": days * DAY_SECONDS,
        "provider_recruiter_sunset_seconds": (49_710 - days) * DAY_SECONDS,
    }

    published = schedule.publish(rates(**sunsets), prices, {"from": council}).return_value

    assert list(schedule.versionOf(published)[1:3]) == list(sunsets.values())


@pytest.mark.parametrize("recruited", ["consumer", "provider"])
@pytest.mark.parametrize("seconds", [1, DAY_SECONDS - 1, DAY_SECONDS + 1, 2**32 - 1])
def test_reverts_when_a_sunset_is_not_of_whole_days(
    schedule, council, rates, prices, reverts_with, recruited, seconds
):
    with reverts_with("FeeScheduleSunsetNotWholeDays", seconds):
        schedule.publish(rates(**{f"{recruited}_recruiter_sunset_seconds": seconds}), prices, {"from": council})


def test_reverts_when_there_is_no_price(schedule, council, rates, reverts_with):
    with reverts_with("FeeSchedulePriceCountInvalid", 0, schedule.mostPrices()):
        schedule.publish(rates(), [], {"from": council})


def test_reverts_when_there_are_too_many_prices(schedule, council, rates, reverts_with):
    count = schedule.mostPrices() + 1
    prices = [(index.to_bytes(32, "big"), LOW, 1) for index in range(count)]

    with reverts_with("FeeSchedulePriceCountInvalid", count, count - 1):
        schedule.publish(rates(), prices, {"from": council})


def test_h070_reverts_when_a_price_is_zero(schedule, council, rates, prices, reverts_with):
    with reverts_with("FeeSchedulePriceZero", OTHER_SCHEMA, SUBSTANTIAL):
        schedule.publish(rates(), [*prices, (OTHER_SCHEMA, SUBSTANTIAL, 0)], {"from": council})


def test_reverts_when_a_price_is_given_twice(schedule, council, rates, prices, reverts_with):
    with reverts_with("FeeSchedulePriceDuplicate", SCHEMA, HIGH):
        schedule.publish(rates(), [*prices, (SCHEMA, HIGH, 1)], {"from": council})


def test_publishes_nothing_when_it_reverts(schedule, council, rates, prices, version, reverts_with):
    former = tuple(schedule.versionOf(version))
    with reverts_with("FeeSchedulePriceDuplicate", SCHEMA, LOW):
        schedule.publish(rates(), [(OTHER_SCHEMA, LOW, 5), (SCHEMA, LOW, 5), (SCHEMA, LOW, 6)], {"from": council})

    assert schedule.currentVersion() == version
    assert tuple(schedule.versionOf(version)) == former
    published = schedule.publish(rates(), prices, {"from": council}).return_value
    with reverts_with("FeeSchedulePriceMissing", published, OTHER_SCHEMA, LOW):
        schedule.priceOf(published, OTHER_SCHEMA, LOW)
