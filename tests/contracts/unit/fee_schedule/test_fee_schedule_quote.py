"""FeeSchedule.quote: fee and shares of an exchange funded now."""

import pytest

SCHEMA = bytes.fromhex("11" * 32)
OTHER_SCHEMA = bytes.fromhex("22" * 32)
LOW, SUBSTANTIAL, HIGH = 1, 2, 3
DAY_SECONDS = 86_400
LONGEST_SUNSET_SECONDS = 49_710 * DAY_SECONDS
"""The most whole days that 32 bits hold."""


def test_returns_price_and_published_shares_when_every_taker_is_there(schedule, version, chain, shares):
    now = chain[-1].timestamp

    assert tuple(schedule.quote(version, SCHEMA, LOW, now, now, False, True)) == (
        1_000_003,
        shares(7000, 1500, 700, 500, 300),
    )


@pytest.mark.parametrize(
    ("consumer_recruited", "provider_recruited", "hosts_present", "expected"),
    [
        (False, True, True, (7500, 1500, 700, 0, 300)),
        (True, False, True, (7300, 1500, 700, 500, 0)),
        (True, True, False, (7700, 1500, 0, 500, 300)),
        (False, False, True, (7800, 1500, 700, 0, 0)),
        (False, True, False, (8200, 1500, 0, 0, 300)),
        (True, False, False, (8000, 1500, 0, 500, 0)),
        (False, False, False, (8500, 1500, 0, 0, 0)),
    ],
)
def test_gives_missing_shares_to_the_provider_when_a_taker_is_missing(
    schedule, version, chain, shares, consumer_recruited, provider_recruited, hosts_present, expected
):
    now = chain[-1].timestamp

    _, quoted = schedule.quote(
        version, SCHEMA, LOW, now * consumer_recruited, now * provider_recruited, False, hosts_present
    )

    assert quoted == shares(*expected)


@pytest.mark.parametrize(
    ("seconds_left", "expected"),
    [(1, (7000, 1500, 700, 500, 300)), (0, (7500, 1500, 700, 0, 300)), (-1, (7500, 1500, 700, 0, 300))],
)
def test_ends_the_consumers_recruiter_when_its_sunset_is_reached(
    schedule, version, chain, shares, seconds_left, expected
):
    now = chain[-1].timestamp

    _, quoted = schedule.quote(version, SCHEMA, LOW, now - 100 * DAY_SECONDS + seconds_left, now, False, True)

    assert quoted == shares(*expected)


@pytest.mark.parametrize(
    ("seconds_left", "expected"),
    [(1, (7000, 1500, 700, 500, 300)), (0, (7300, 1500, 700, 500, 0)), (-1, (7300, 1500, 700, 500, 0))],
)
def test_ends_the_providers_recruiter_when_its_sunset_is_reached(
    schedule, version, chain, shares, seconds_left, expected
):
    now = chain[-1].timestamp

    _, quoted = schedule.quote(version, SCHEMA, LOW, now, now - 200 * DAY_SECONDS + seconds_left, False, True)

    assert quoted == shares(*expected)


def test_never_overflows_when_the_sunset_and_the_admission_are_the_latest(schedule, council, rates, prices, shares):
    rates = rates(
        consumer_recruiter_sunset_seconds=LONGEST_SUNSET_SECONDS,
        provider_recruiter_sunset_seconds=LONGEST_SUNSET_SECONDS,
    )
    published = schedule.publish(rates, prices, {"from": council}).return_value

    _, quoted = schedule.quote(published, SCHEMA, LOW, 2**48 - 1, 2**48 - 1, False, True)

    assert quoted == shares(7000, 1500, 700, 500, 300)


def test_gives_the_recruiters_nothing_when_their_sunsets_are_zero(schedule, council, rates, prices, chain, shares):
    rates = rates(consumer_recruiter_sunset_seconds=0, provider_recruiter_sunset_seconds=0)
    published = schedule.publish(rates, prices, {"from": council}).return_value
    now = chain[-1].timestamp

    _, quoted = schedule.quote(published, SCHEMA, LOW, now, now, False, True)

    assert quoted == shares(7800, 1500, 700, 0, 0)


@pytest.mark.parametrize(
    ("price", "discount_bps", "expected"),
    [
        (1_000_003, 2000, 800_003),  # 200,000.6 off, rounded down
        (1, 9999, 1),
        (10_000, 9999, 1),
        (9_999, 1, 9_999),
        (1_000_003, 0, 1_000_003),
        (2**104 - 1, 1, 2**104 - 1 - (2**104 - 1) // 10_000),
    ],
)
def test_takes_the_discount_off_when_the_consumer_is_a_host(schedule, council, rates, price, discount_bps, expected):
    published = schedule.publish(
        rates(host_discount_bps=discount_bps), [(SCHEMA, LOW, price)], {"from": council}
    ).return_value

    fee_of_host, _ = schedule.quote(published, SCHEMA, LOW, 0, 0, True, True)
    fee_of_other, _ = schedule.quote(published, SCHEMA, LOW, 0, 0, False, True)

    assert (fee_of_host, fee_of_other) == (expected, price)
    assert fee_of_host > 0


def test_h096_keeps_the_old_price_when_the_order_names_the_superseded_version(schedule, version, publish_another):
    before = tuple(schedule.quote(version, SCHEMA, LOW, 0, 0, False, True))

    publish_another()

    assert tuple(schedule.quote(version, SCHEMA, LOW, 0, 0, False, True)) == before
    assert schedule.quote(version + 1, SCHEMA, LOW, 0, 0, False, True)[0] == 7


def test_a15_quotes_to_the_last_second_when_a_version_is_superseded(
    schedule, version, publish_another, mine_at, reverts_with
):
    good_until = publish_another() + schedule.orderLifeSeconds()

    mine_at(good_until)
    assert schedule.quote(version, SCHEMA, LOW, 0, 0, False, True)[0] == 1_000_003

    mine_at(good_until + 1)
    with reverts_with("FeeScheduleVersionSuperseded", version, good_until):
        schedule.quote(version, SCHEMA, LOW, 0, 0, False, True)
    assert schedule.quote(version + 1, SCHEMA, LOW, 0, 0, False, True)[0] == 7


def test_reverts_when_the_version_is_unknown(schedule, version, reverts_with):
    for unknown in (0, version + 1, 2**32 - 1):
        with reverts_with("FeeScheduleVersionUnknown", unknown):
            schedule.quote(unknown, SCHEMA, LOW, 0, 0, False, True)


def test_reverts_when_the_price_is_missing(schedule, version, reverts_with):
    for schema, level in ((SCHEMA, SUBSTANTIAL), (SCHEMA, 0), (OTHER_SCHEMA, LOW)):
        with reverts_with("FeeSchedulePriceMissing", version, schema, level):
            schedule.quote(version, schema, level, 0, 0, False, True)
