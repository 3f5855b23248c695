"""FeeEscrow.creditRecruiter: shares that wait with whom a recruiter recruited become its earnings."""

import pytest

from tests.helpers.network import CONSUMER, PROVIDER

SHARE = 200_000  # of each recruiter, for one exchange


@pytest.fixture
def settle(escrow, consumer, run_delivered):
    """Settle an exchange."""

    def run():
        escrow.accept(*run_delivered().delivery(), consumer, b"", {"from": consumer})

    return run


def test_credits_each_recruiter_with_its_own_when_anyone_asks(
    escrow, settle, consumer, provider, channel_partner, other_channel_partner, stranger
):
    settle()
    own = escrow.earnedOf(provider)

    first = escrow.creditRecruiter(consumer, {"from": stranger})
    second = escrow.creditRecruiter(provider, {"from": stranger})

    assert [escrow.earnedOf(recruiter) for recruiter in (channel_partner, other_channel_partner)] == [SHARE, SHARE]
    assert [escrow.recruiterShareOf(participant) for participant in (consumer, provider)] == [0, 0]
    assert (escrow.earnedOf(provider), escrow.earnedOf(stranger)) == (own, 0)
    event = first.events["RecruiterCredited"]
    assert (event["recruiter"], event["participant"], event["amount"]) == (channel_partner, consumer, SHARE)
    assert second.events["RecruiterCredited"]["recruiter"] == other_channel_partner


def test_credits_what_several_exchanges_left_when_asked_once(escrow, settle, consumer, channel_partner, stranger):
    settle()
    settle()

    escrow.creditRecruiter(consumer, {"from": stranger})

    assert escrow.earnedOf(channel_partner) == 2 * SHARE


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h087_credits_and_pays_the_recruiter_when_it_is_no_longer_active(
    system, escrow, settle, consumer, channel_partner, stranger, bring_to, standing
):
    settle()
    bring_to(channel_partner, standing)

    escrow.creditRecruiter(consumer, {"from": stranger})
    escrow.withdrawEarned(channel_partner, {"from": channel_partner})

    assert system.credit.balanceOf(channel_partner) == SHARE


def test_credits_the_recruiter_when_whom_it_recruited_was_removed(
    escrow, settle, consumer, channel_partner, stranger, bring_to
):
    settle()
    bring_to(consumer, "removed")

    escrow.creditRecruiter(consumer, {"from": stranger})

    assert escrow.earnedOf(channel_partner) == SHARE


def test_reverts_when_it_was_credited_before(escrow, settle, consumer, channel_partner, stranger, reverts_with):
    settle()
    escrow.creditRecruiter(consumer, {"from": stranger})

    with reverts_with("FeeEscrowNothingForRecruiter", consumer):
        escrow.creditRecruiter(consumer, {"from": stranger})

    assert escrow.earnedOf(channel_partner) == SHARE


def test_reverts_when_nothing_waits(escrow, consumer, stranger, participant_in, reverts_with):
    for participant in (consumer, stranger, participant_in("active", CONSUMER | PROVIDER)):
        with reverts_with("FeeEscrowNothingForRecruiter", participant):
            escrow.creditRecruiter.call(participant, {"from": stranger})
