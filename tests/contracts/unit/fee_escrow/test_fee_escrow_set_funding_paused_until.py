"""FeeEscrow.setFundingPausedUntil: the council pauses, at most for 30 days, and resumes."""

import pytest

LONGEST_SECONDS = 30 * 86_400


def test_pauses_until_then_when_the_council_says_so(escrow, council, chain):
    until = chain[-1].timestamp + 3_600

    tx = escrow.setFundingPausedUntil(until, {"from": council})

    assert tuple(escrow.fundingPause()) == (until, False)
    event = tx.events["FundingPaused"]
    assert (event["until"], event["urgent"]) == (until, False)


def test_pauses_for_30_days_when_that_is_said(escrow, council, soon, travel_to):
    travel_to(soon)

    escrow.setFundingPausedUntil(soon + LONGEST_SECONDS, {"from": council})

    assert escrow.fundingPause()[0] == soon + LONGEST_SECONDS


def test_resumes_and_gives_the_guardian_its_word_back_when_the_past_is_said(
    escrow, guardian, council, relayer, prepared
):
    escrow.pauseFunding({"from": guardian})

    escrow.setFundingPausedUntil(0, {"from": council})

    assert tuple(escrow.fundingPause()) == (0, False)
    _, _, arguments = prepared()
    assert "ExchangeFunded" in escrow.fund(*arguments, {"from": relayer}).events


@pytest.mark.parametrize("excess", [1, None])
def test_reverts_when_it_is_too_long(escrow, council, soon, travel_to, reverts_with, excess):
    latest = soon + LONGEST_SECONDS
    until = 2**48 - 1 if excess is None else latest + excess
    travel_to(soon)

    with reverts_with("FeeEscrowPauseTooLong", until, latest):
        escrow.setFundingPausedUntil(until, {"from": council})


def test_reverts_when_nobody_voted(escrow, actors, reverts_with):
    for role in ("guardian", "deployer", "consumer", "stranger"):
        with reverts_with("AccessManagedUnauthorized", actors[role]):
            escrow.setFundingPausedUntil.call(0, {"from": actors[role]})
