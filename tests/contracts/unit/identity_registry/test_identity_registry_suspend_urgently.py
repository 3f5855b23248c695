"""IdentityRegistry.suspendUrgently: the guardian takes a participant out of new exchanges for 72 hours, once."""

import pytest

from tests.helpers.network import CONSUMER, NONE, REMOVED, SUSPENDED

URGENT_SECONDS = 72 * 3_600


@pytest.fixture
def suspended_until(identities, consumer, guardian):
    """The guardian suspended the consumer: until when."""
    return identities.suspendUrgently(consumer, {"from": guardian}).timestamp + URGENT_SECONDS


def test_suspends_for_72_hours_when_the_guardian_says_so(identities, consumer, guardian, told_by):
    before, count = identities.participantOf(consumer).dict(), identities.roleCount(CONSUMER)

    tx = identities.suspendUrgently(consumer, {"from": guardian})

    until = tx.timestamp + URGENT_SECONDS
    assert told_by(tx) == [("ParticipantSuspended", {"identity": consumer, "until": until})]
    assert identities.participantOf(consumer).dict() == {**before, "status": SUSPENDED}
    assert identities.hasActiveRole(consumer, CONSUMER) is False
    assert identities.roleCount(CONSUMER) == count - 1
    assert tuple(identities.suspensionOf(consumer)) == (until, True)


def test_reverts_when_the_guardian_suspended_it_before(
    identities, consumer, provider, guardian, stranger, suspended_until, travel_to, reverts_with
):
    with reverts_with("IdentityRegistryStatusInvalid", consumer, SUSPENDED):
        identities.suspendUrgently(consumer, {"from": guardian})
    travel_to(suspended_until)
    identities.liftSuspension(consumer, {"from": stranger})

    with reverts_with("IdentityRegistrySuspensionSpent", consumer):
        identities.suspendUrgently(consumer, {"from": guardian})

    assert identities.hasActiveRole(consumer, CONSUMER) is True
    identities.suspendUrgently(provider, {"from": guardian})


def test_suspends_again_when_the_council_reinstated_it(identities, consumer, council, guardian, suspended_until):
    identities.reinstate(consumer, {"from": council})

    identities.suspendUrgently(consumer, {"from": guardian})

    assert identities.suspensionOf(consumer)[1] is True


def test_suspends_again_when_the_council_suspended_it_in_between(
    identities, consumer, council, guardian, stranger, suspended_until, travel_to
):
    travel_to(suspended_until)
    identities.liftSuspension(consumer, {"from": stranger})
    identities.suspend(consumer, {"from": council})
    identities.reinstate(consumer, {"from": council})

    identities.suspendUrgently(consumer, {"from": guardian})

    assert identities.suspensionOf(consumer)[1] is True


def test_suspends_again_when_the_council_admitted_it_again(identities, consumer, guardian, suspended_until, bring_to):
    bring_to(consumer, "removed")
    bring_to(consumer, "active")

    identities.suspendUrgently(consumer, {"from": guardian})

    assert identities.suspensionOf(consumer)[1] is True


def test_h030_reverts_when_the_participant_is_not_active(identities, participant_in, guardian, reverts_with):
    for standing, status in (("never_registered", NONE), ("suspended", SUSPENDED), ("removed", REMOVED)):
        participant = participant_in(standing, CONSUMER)
        with reverts_with("IdentityRegistryStatusInvalid", participant, status):
            identities.suspendUrgently.call(participant, {"from": guardian})


def test_h036_reverts_when_the_caller_is_not_the_guardian(identities, consumer, no_guardians, reverts_with):
    for caller in no_guardians:
        with reverts_with("AccessManagedUnauthorized", caller):
            identities.suspendUrgently.call(consumer, {"from": caller})
