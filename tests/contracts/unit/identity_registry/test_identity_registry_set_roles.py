"""IdentityRegistry.setRoles: what a participant may be."""

from tests.helpers.network import CONSUMER, COORDINATOR, HOST, NONE, PROVIDER, REMOVED


def test_replaces_the_roles_when_the_council_says_so(identities, consumer, council, told_by):
    before = identities.participantOf(consumer).dict()
    counts = {role: identities.roleCount(role) for role in (CONSUMER, PROVIDER, HOST, COORDINATOR)}

    tx = identities.setRoles(consumer, PROVIDER | HOST, {"from": council})

    assert told_by(tx) == [("RolesSet", {"identity": consumer, "roles": PROVIDER | HOST})]
    assert identities.participantOf(consumer).dict() == {**before, "roles": PROVIDER | HOST}
    assert [identities.roleCount(role) - counts[role] for role in counts] == [-1, 1, 1, 0]
    assert identities.hasActiveRole(consumer, CONSUMER) is False
    assert identities.hasActiveRole(consumer, PROVIDER) is True


def test_a17_counts_the_new_roles_from_the_reinstatement_on_when_it_is_suspended(
    identities, consumer, council, bring_to
):
    bring_to(consumer, "suspended")
    counts = [identities.roleCount(role) for role in (CONSUMER, HOST)]

    identities.setRoles(consumer, HOST, {"from": council})

    assert [identities.roleCount(role) for role in (CONSUMER, HOST)] == counts
    bring_to(consumer, "active")
    assert [identities.roleCount(role) for role in (CONSUMER, HOST)] == [counts[0], counts[1] + 1]


def test_reverts_when_the_roles_are_none_or_unknown(identities, consumer, council, reverts_with):
    for roles in (0, 64, 128, 255):
        with reverts_with("IdentityRegistryRolesInvalid", roles):
            identities.setRoles.call(consumer, roles, {"from": council})


def test_h030_reverts_when_the_participant_is_no_member(identities, participant_in, council, reverts_with):
    for standing, status in (("never_registered", NONE), ("removed", REMOVED)):
        participant = participant_in(standing, CONSUMER)
        with reverts_with("IdentityRegistryStatusInvalid", participant, status):
            identities.setRoles.call(participant, PROVIDER, {"from": council})


def test_h036_reverts_when_the_caller_has_no_vote(identities, consumer, no_voters, reverts_with):
    for caller in no_voters:
        with reverts_with("AccessManagedUnauthorized", caller):
            identities.setRoles.call(consumer, PROVIDER, {"from": caller})
