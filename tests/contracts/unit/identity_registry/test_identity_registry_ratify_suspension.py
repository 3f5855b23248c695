"""IdentityRegistry.ratifySuspension: the council lets stand what the guardian did."""

from dataclasses import replace

import pytest

from tests.helpers.network import ACTIVE, SUSPENDED
from tests.helpers.running import CIPHERTEXT_HASH, Running

URGENT_SECONDS = 72 * 3_600


@pytest.fixture
def suspended_until(identities, consumer, guardian):
    """The guardian suspended the consumer: until when."""
    return identities.suspendUrgently(consumer, {"from": guardian}).timestamp + URGENT_SECONDS


def test_lets_it_stand_when_the_council_says_so(
    identities, consumer, council, stranger, suspended_until, mine_at, told_by, reverts_with
):
    tx = identities.ratifySuspension(consumer, {"from": council})

    assert told_by(tx) == [("ParticipantSuspended", {"identity": consumer, "until": 0})]
    assert tuple(identities.suspensionOf(consumer)) == (0, False)
    mine_at(suspended_until + 1)
    with reverts_with("IdentityRegistrySuspensionRunning", consumer, 0):
        identities.liftSuspension(consumer, {"from": stranger})
    assert identities.participantOf(consumer).dict()["status"] == SUSPENDED


def test_suspends_once_more_when_the_council_ratified_and_reinstated(
    identities, consumer, council, guardian, suspended_until
):
    identities.ratifySuspension(consumer, {"from": council})
    identities.reinstate(consumer, {"from": council})

    identities.suspendUrgently(consumer, {"from": guardian})

    assert identities.suspensionOf(consumer)[1] is True


def test_h014_lets_it_stand_when_a_second_is_left(identities, consumer, council, suspended_until, travel_to):
    travel_to(suspended_until - 1)

    identities.ratifySuspension(consumer, {"from": council})

    assert tuple(identities.suspensionOf(consumer)) == (0, False)


def test_h014_reverts_when_72_hours_are_over_and_nobody_lifted_it(
    identities, consumer, council, suspended_until, travel_to, mine_at, reverts_with
):
    travel_to(suspended_until)
    with reverts_with("IdentityRegistrySuspensionOver", consumer, suspended_until):
        identities.ratifySuspension(consumer, {"from": council})

    mine_at(suspended_until + 365 * 86_400)
    with reverts_with("IdentityRegistrySuspensionOver", consumer, suspended_until):
        identities.ratifySuspension(consumer, {"from": council})
    assert tuple(identities.suspensionOf(consumer)) == (suspended_until, True)


def test_leaves_it_to_be_lifted_or_voted_anew_when_72_hours_are_over(
    identities, consumer, provider, guardian, council, stranger, suspended_until, travel_to, told_by, reverts_with
):
    provider_until = identities.suspendUrgently(provider, {"from": guardian}).timestamp + URGENT_SECONDS
    travel_to(provider_until)

    identities.liftSuspension(provider, {"from": stranger})
    tx = identities.suspend(consumer, {"from": council})

    assert identities.participantOf(provider).dict()["status"] == ACTIVE
    assert told_by(tx) == [("ParticipantSuspended", {"identity": consumer, "until": 0})]
    with reverts_with("IdentityRegistrySuspensionRunning", consumer, 0):
        identities.liftSuspension(consumer, {"from": stranger})
    with reverts_with("IdentityRegistryNothingToRatify", consumer):
        identities.ratifySuspension(consumer, {"from": council})


def test_h115_stops_no_way_out_when_72_hours_are_over_and_nobody_lifted_it(
    system, identities, provider, funded, guardian, relayer, mine_at
):
    running, escrow = Running(funded()), system.escrow
    until = identities.suspendUrgently(provider, {"from": guardian}).timestamp + URGENT_SECONDS
    tx = escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
    delivered = replace(running, delivered_at=tx.timestamp)

    mine_at(until + 30 * 86_400)
    escrow.settleUnchallenged(*delivered.delivery(), {"from": relayer})
    earned, before = escrow.earnedOf(provider), system.credit.balanceOf(provider)
    escrow.withdrawEarned(provider, {"from": provider})

    assert identities.participantOf(provider).dict()["status"] == SUSPENDED
    assert earned > 0
    assert system.credit.balanceOf(provider) == before + earned


def test_reverts_when_there_is_nothing_to_ratify(
    identities, consumer, provider, council, stranger, bring_to, suspended_until, travel_to, reverts_with
):
    bring_to(provider, "suspended")  # by the council itself
    travel_to(suspended_until)
    identities.liftSuspension(consumer, {"from": stranger})

    for participant in (consumer, provider, stranger):
        with reverts_with("IdentityRegistryNothingToRatify", participant):
            identities.ratifySuspension.call(participant, {"from": council})


def test_reverts_when_it_was_ratified(identities, consumer, council, suspended_until, reverts_with):
    identities.ratifySuspension(consumer, {"from": council})

    with reverts_with("IdentityRegistryNothingToRatify", consumer):
        identities.ratifySuspension(consumer, {"from": council})


def test_h036_reverts_when_the_caller_has_no_vote(identities, consumer, no_voters, suspended_until, reverts_with):
    for caller in no_voters:
        with reverts_with("AccessManagedUnauthorized", caller):
            identities.ratifySuspension.call(consumer, {"from": caller})
