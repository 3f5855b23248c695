"""IdentityRegistry.suspend: the council takes a participant out of new exchanges until it says otherwise."""

from tests.helpers.network import CONSUMER, NONE, REMOVED, SUSPENDED

URGENT_SECONDS = 72 * 3_600


def test_suspends_when_the_council_says_so(identities, consumer, council, told_by):
    before, count = identities.participantOf(consumer).dict(), identities.roleCount(CONSUMER)

    tx = identities.suspend(consumer, {"from": council})

    assert told_by(tx) == [("ParticipantSuspended", {"identity": consumer, "until": 0})]
    assert identities.participantOf(consumer).dict() == {**before, "status": SUSPENDED}
    assert identities.hasActiveRole(consumer, CONSUMER) is False
    assert identities.roleCount(CONSUMER) == count - 1
    assert tuple(identities.suspensionOf(consumer)) == (0, False)


def test_takes_over_when_the_guardian_suspended_it(
    identities, consumer, council, guardian, stranger, told_by, mine_at, reverts_with
):
    count = identities.roleCount(CONSUMER)
    until = identities.suspendUrgently(consumer, {"from": guardian}).timestamp + URGENT_SECONDS

    tx = identities.suspend(consumer, {"from": council})

    assert told_by(tx) == [("ParticipantSuspended", {"identity": consumer, "until": 0})]
    assert tuple(identities.suspensionOf(consumer)) == (0, False)
    assert identities.roleCount(CONSUMER) == count - 1
    mine_at(until)
    with reverts_with("IdentityRegistrySuspensionRunning", consumer, 0):
        identities.liftSuspension(consumer, {"from": stranger})


def test_a17_counts_it_out_once_when_it_is_suspended_twice(identities, consumer, council):
    count = identities.roleCount(CONSUMER)

    for _ in range(2):
        identities.suspend(consumer, {"from": council})

    assert identities.roleCount(CONSUMER) == count - 1


def test_h030_reverts_when_the_participant_is_no_member(identities, participant_in, council, reverts_with):
    for standing, status in (("never_registered", NONE), ("removed", REMOVED)):
        participant = participant_in(standing, CONSUMER)
        with reverts_with("IdentityRegistryStatusInvalid", participant, status):
            identities.suspend.call(participant, {"from": council})


def test_h036_reverts_when_the_caller_has_no_vote(identities, consumer, no_voters, reverts_with):
    for caller in no_voters:
        with reverts_with("AccessManagedUnauthorized", caller):
            identities.suspend.call(consumer, {"from": caller})
