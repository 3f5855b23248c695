"""FeeSchedule's constructor and the views beside quote."""

import pytest

SCHEMA = bytes.fromhex("11" * 32)
OTHER_SCHEMA = bytes.fromhex("22" * 32)
LOW, SUBSTANTIAL = 1, 2
LONGEST_ORDER_LIFE_SECONDS = 366 * 24 * 3600


def test_starts_without_a_version_when_deployed(FeeSchedule, system, council):
    for seconds in (1, LONGEST_ORDER_LIFE_SECONDS):
        fresh = FeeSchedule.deploy(system.access, seconds, {"from": council})

        assert fresh.currentVersion() == 0
        assert fresh.orderLifeSeconds() == seconds
        assert fresh.authority() == system.access.address


@pytest.mark.parametrize("seconds", [0, LONGEST_ORDER_LIFE_SECONDS + 1, 2**48 - 1])
def test_reverts_when_the_order_life_is_out_of_bounds(FeeSchedule, system, council, seconds, reverts_with):
    with reverts_with("FeeScheduleOrderLifeInvalid", seconds, LONGEST_ORDER_LIFE_SECONDS):
        FeeSchedule.deploy(system.access, seconds, {"from": council})


def test_h118_reverts_when_the_authority_is_no_contract(FeeSchedule, council, stranger, reverts_with):
    for authority in ("0x" + "00" * 20, stranger.address):
        with reverts_with("FeeScheduleAddressInvalid", authority):
            FeeSchedule.deploy(authority, 1, {"from": council})


def test_tells_a_version_when_it_was_published(schedule, version, rates):
    header = tuple(schedule.versionOf(version))

    assert header[:4] == rates()
    assert header[5] == 0


def test_reverts_when_an_unknown_version_is_asked_for(schedule, version, reverts_with):
    for unknown in (0, version + 1):
        with reverts_with("FeeScheduleVersionUnknown", unknown):
            schedule.versionOf(unknown)
        with reverts_with("FeeScheduleVersionUnknown", unknown):
            schedule.priceOf(unknown, SCHEMA, LOW)


def test_reverts_when_a_price_that_is_not_listed_is_asked_for(schedule, version, reverts_with):
    for schema, level in ((SCHEMA, SUBSTANTIAL), (OTHER_SCHEMA, LOW)):
        with reverts_with("FeeSchedulePriceMissing", version, schema, level):
            schedule.priceOf(version, schema, level)


def test_tells_whether_a_version_is_good_when_asked(schedule, version, publish_another, mine_at):
    assert schedule.isVersionGood(version) is True
    assert schedule.isVersionGood(0) is False
    assert schedule.isVersionGood(version + 1) is False

    good_until = publish_another() + schedule.orderLifeSeconds()
    mine_at(good_until)
    assert schedule.isVersionGood(version) is True

    mine_at(good_until + 1)
    assert schedule.isVersionGood(version) is False
    assert schedule.isVersionGood(version + 1) is True
