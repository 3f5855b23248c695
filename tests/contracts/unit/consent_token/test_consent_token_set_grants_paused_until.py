"""ConsentToken.setGrantsPausedUntil: the council's word about grants."""

import pytest

LONGEST_SECONDS = 30 * 86_400


def test_refuses_grants_until_the_instant_when_the_council_decides(consents, council, chain, told_by):
    until = chain[-1].timestamp + 1_000

    tx = consents.setGrantsPausedUntil(until, {"from": council})

    assert tuple(consents.grantsPause()) == (until, False)
    assert told_by(tx) == [("GrantsPaused", {"until": until, "urgent": False})]


@pytest.mark.parametrize("seconds", [None, -1])
def test_resumes_grants_when_the_instant_is_past(consents, given, grant, council, guardian, chain, seconds):
    paused_at = consents.pauseGrants({"from": guardian}).timestamp
    until = 0 if seconds is None else paused_at + seconds

    consents.setGrantsPausedUntil(until, {"from": council})
    grant(given)

    assert tuple(consents.grantsPause()) == (until, False)
    assert consents.balanceOf(given.opened.subject) == 1


def test_h014_takes_30_days_and_no_second_more(consents, council, travel_to, chain, reverts_with):
    at = chain[-1].timestamp + 100
    latest = at + LONGEST_SECONDS
    travel_to(at)
    with reverts_with("ConsentTokenPauseTooLong", latest + 1, latest):
        consents.setGrantsPausedUntil(latest + 1, {"from": council})

    travel_to(at + 1)
    consents.setGrantsPausedUntil(latest + 1, {"from": council})

    assert tuple(consents.grantsPause()) == (latest + 1, False)


def test_h014_reverts_when_the_instant_is_the_end_of_time(consents, council, reverts_with):
    with reverts_with("ConsentTokenPauseTooLong", 2**48 - 1, ...):
        consents.setGrantsPausedUntil(2**48 - 1, {"from": council})


def test_reverts_when_caller_is_not_the_council(consents, guardian, deployer, consumer, stranger, reverts_with):
    for caller in (guardian, deployer, consumer, stranger):
        with reverts_with("AccessManagedUnauthorized", caller):
            consents.setGrantsPausedUntil.call(0, {"from": caller})
