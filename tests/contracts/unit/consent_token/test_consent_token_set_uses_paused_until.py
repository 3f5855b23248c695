"""ConsentToken.setUsesPausedUntil: the council's word about uses."""

import pytest

LONGEST_SECONDS = 30 * 86_400


def test_refuses_uses_until_the_instant_when_the_council_decides(consents, council, chain, told_by):
    until = chain[-1].timestamp + 1_000

    tx = consents.setUsesPausedUntil(until, {"from": council})

    assert tuple(consents.usesPause()) == (until, False)
    assert told_by(tx) == [("UsesPaused", {"until": until, "urgent": False})]


def test_refuses_uses_to_the_second(
    consents, words, fresh_subject, use, use_allotted, council, chain, travel_to, reverts_with
):
    single, allotted = words.give(fresh_subject()), words.give(fresh_subject(), nonce=1)
    until = chain[-1].timestamp + 1_000
    consents.setUsesPausedUntil(until, {"from": council})
    for take, given in ((use, single), (use_allotted, allotted)):
        with reverts_with("ConsentTokenUsesPaused", until):
            take(given)

    travel_to(until)
    use(single)

    use_allotted(allotted)
    assert consents.stateOf(single.id)[1] == 1
    assert consents.isNonceSpent(allotted.opened.consumer, 1) is True


@pytest.mark.parametrize("seconds", [None, -1])
def test_resumes_uses_and_gives_the_guardian_its_word_back_when_the_instant_is_past(
    consents, given, use, council, guardian, seconds
):
    paused_at = consents.pauseUses({"from": guardian}).timestamp
    until = 0 if seconds is None else paused_at + seconds

    consents.setUsesPausedUntil(until, {"from": council})
    use(given)

    assert tuple(consents.usesPause()) == (until, False)
    assert consents.stateOf(given.id)[1] == 1


def test_leaves_grants_alone(consents, given, grant, council, guardian, chain):
    consents.setUsesPausedUntil(chain[-1].timestamp + 1_000, {"from": council})

    grant(given)

    assert tuple(consents.grantsPause()) == (0, False)
    consents.pauseGrants({"from": guardian})
    consents.setUsesPausedUntil(0, {"from": council})
    assert consents.grantsPause()[1] is True


def test_h014_takes_30_days_and_no_second_more(consents, council, travel_to, chain, reverts_with):
    at = chain[-1].timestamp + 100
    latest = at + LONGEST_SECONDS
    travel_to(at)
    with reverts_with("ConsentTokenPauseTooLong", latest + 1, latest):
        consents.setUsesPausedUntil(latest + 1, {"from": council})

    travel_to(at + 1)
    consents.setUsesPausedUntil(latest + 1, {"from": council})

    assert tuple(consents.usesPause()) == (latest + 1, False)


def test_h014_reverts_when_the_instant_is_the_end_of_time(consents, council, reverts_with):
    with reverts_with("ConsentTokenPauseTooLong", 2**48 - 1, ...):
        consents.setUsesPausedUntil(2**48 - 1, {"from": council})


def test_reverts_when_caller_is_not_the_council(consents, guardian, deployer, consumer, stranger, reverts_with):
    for caller in (guardian, deployer, consumer, stranger):
        with reverts_with("AccessManagedUnauthorized", caller):
            consents.setUsesPausedUntil.call(0, {"from": caller})
