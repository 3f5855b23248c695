"""IdentityRegistry.reinstate: the council ends a suspension."""

from tests.helpers.network import ACTIVE, CONSUMER, NONE, REMOVED


def test_reinstates_when_the_council_says_so(identities, consumer, council, bring_to, told_by):
    before, count = identities.participantOf(consumer), identities.roleCount(CONSUMER)
    bring_to(consumer, "suspended")

    tx = identities.reinstate(consumer, {"from": council})

    assert told_by(tx) == [("ParticipantReinstated", {"identity": consumer, "byVote": True})]
    assert identities.participantOf(consumer) == before
    assert identities.hasActiveRole(consumer, CONSUMER) is True
    assert identities.roleCount(CONSUMER) == count


def test_gives_the_guardian_its_word_back_when_the_guardian_suspended_it(
    identities, consumer, council, guardian, told_by
):
    identities.suspendUrgently(consumer, {"from": guardian})

    tx = identities.reinstate(consumer, {"from": council})

    assert told_by(tx) == [("ParticipantReinstated", {"identity": consumer, "byVote": True})]
    assert tuple(identities.suspensionOf(consumer)) == (0, False)


def test_h030_reverts_when_the_participant_is_not_suspended(identities, participant_in, council, reverts_with):
    for standing, status in (("never_registered", NONE), ("active", ACTIVE), ("removed", REMOVED)):
        participant = participant_in(standing, CONSUMER)
        with reverts_with("IdentityRegistryStatusInvalid", participant, status):
            identities.reinstate.call(participant, {"from": council})


def test_h036_reverts_when_the_caller_has_no_vote(identities, consumer, bring_to, no_voters, reverts_with):
    bring_to(consumer, "suspended")

    for caller in no_voters:
        with reverts_with("AccessManagedUnauthorized", caller):
            identities.reinstate.call(consumer, {"from": caller})
