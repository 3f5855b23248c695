"""Rates, prices and a schedule that is good for a known span."""

import pytest

SCHEMA = bytes.fromhex("11" * 32)
OTHER_SCHEMA = bytes.fromhex("22" * 32)
LOW, HIGH = 1, 3
DAY_SECONDS = 86_400


def pack_shares(provider, coordinator, hosts, consumer_recruiter, provider_recruiter):
    """Return five shares (basis points) in the word that the contracts use, highest first."""
    word = 0
    for share in (provider, coordinator, hosts, consumer_recruiter, provider_recruiter):
        assert 0 <= share <= 0xFFFF
        word = word << 16 | share
    return word


ALL_FIVE = pack_shares(7000, 1500, 700, 500, 300)


@pytest.fixture
def shares():
    """Pack five shares."""
    return pack_shares


@pytest.fixture
def rates():
    """Make the rates of a version; by default all five shares, sunsets of 100 and 200 days, 20 % off for hosts."""

    def make(
        shares=ALL_FIVE,
        consumer_recruiter_sunset_seconds=100 * DAY_SECONDS,
        provider_recruiter_sunset_seconds=200 * DAY_SECONDS,
        host_discount_bps=2000,
    ):
        return (shares, consumer_recruiter_sunset_seconds, provider_recruiter_sunset_seconds, host_discount_bps)

    return make


@pytest.fixture
def prices():
    """One schema at two levels."""
    return [(SCHEMA, LOW, 1_000_003), (SCHEMA, HIGH, 2_500_000)]


@pytest.fixture
def schedule(system):
    """The network's fee schedule."""
    return system.schedule


@pytest.fixture
def version(schedule, council, rates, prices):
    """A version published just now, so the current one."""
    return schedule.publish(rates(), prices, {"from": council}).return_value


@pytest.fixture
def publish_another(schedule, council, rates):
    """Supersede the current version and return the instant."""

    def publish():
        return schedule.publish(rates(), [(SCHEMA, LOW, 7)], {"from": council}).timestamp

    return publish
