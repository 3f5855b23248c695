"""IdentityRegistry.remove: a participant is a member no more."""

import pytest

from tests.helpers.network import CONSUMER, NONE, REMOVED, legal_id_of

EXCHANGE = b"exchange".ljust(32, b"\0")
DAY_SECONDS = 86_400


def test_removes_when_the_council_says_so(identities, consumer, council, told_by):
    before, count = identities.participantOf(consumer).dict(), identities.roleCount(CONSUMER)
    registered = identities.participantCount()

    tx = identities.remove(consumer, {"from": council})

    assert told_by(tx) == [("ParticipantRemoved", {"identity": consumer})]
    assert identities.participantOf(consumer).dict() == {**before, "roles": 0, "status": REMOVED}
    assert identities.hasActiveRole(consumer, CONSUMER) is False
    assert identities.roleCount(CONSUMER) == count - 1
    assert identities.participantCount() == registered
    assert identities.holderOf(legal_id_of(consumer)) == consumer


@pytest.mark.parametrize("suspended_by", ["council", "guardian"])
def test_a17_counts_it_out_once_when_it_was_suspended(identities, consumer, council, guardian, suspended_by):
    count = identities.roleCount(CONSUMER)
    suspend = identities.suspend if suspended_by == "council" else identities.suspendUrgently
    suspend(consumer, {"from": council if suspended_by == "council" else guardian})

    identities.remove(consumer, {"from": council})

    assert identities.roleCount(CONSUMER) == count - 1
    assert tuple(identities.suspensionOf(consumer)) == (0, False)


def test_leaves_owner_delegates_and_money_when_it_is_removed(identities, consumer, delegate, stranger, bring_to):
    identities.addDelegate(consumer, EXCHANGE, delegate, DAY_SECONDS, {"from": consumer})
    identities.setPayoutAddress(consumer, stranger, {"from": consumer})

    bring_to(consumer, "removed")

    assert identities.identityOwner(consumer) == consumer
    assert identities.accountHolderOf(consumer) == consumer
    assert identities.payoutAddressOf(consumer) == stranger
    # What is open is also delivered and accepted by a participant that was removed since.
    identities.checkActor(consumer, EXCHANGE, delegate)


def test_h030_reverts_when_the_participant_is_no_member(identities, participant_in, council, reverts_with):
    for standing, status in (("never_registered", NONE), ("removed", REMOVED)):
        participant = participant_in(standing, CONSUMER)
        with reverts_with("IdentityRegistryStatusInvalid", participant, status):
            identities.remove.call(participant, {"from": council})


def test_h036_reverts_when_the_caller_has_no_vote(identities, consumer, no_voters, reverts_with):
    for caller in no_voters:
        with reverts_with("AccessManagedUnauthorized", caller):
            identities.remove.call(consumer, {"from": caller})
