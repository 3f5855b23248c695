"""IdentityRegistry.admitRegulator: a regulator comes in, and nothing else, without an opinion."""

import pytest

from tests.helpers.network import ACTIVE, CONSUMER, REGULATOR


@pytest.fixture
def newcomer(unused_account):
    """An account that the network does not know."""
    return unused_account()


def test_admits_a_regulator_when_the_council_says_so(identities, newcomer, enrolled, council, told_by):
    count = identities.roleCount(REGULATOR)
    admission = enrolled(newcomer, roles=REGULATOR)

    tx = identities.admitRegulator(admission, {"from": council})

    assert [name for name, _ in told_by(tx)] == ["ParticipantAdmitted"]
    record = identities.participantOf(newcomer).dict()
    assert (record["status"], record["roles"]) == (ACTIVE, REGULATOR)
    assert identities.roleCount(REGULATOR) == count + 1


@pytest.mark.parametrize("roles", [CONSUMER, REGULATOR | CONSUMER, 63, 0])
def test_reverts_when_it_would_be_something_else(identities, newcomer, admission_of, council, roles, reverts_with):
    with reverts_with("IdentityRegistryRolesInvalid", roles):
        identities.admitRegulator.call(admission_of(newcomer, roles=roles), {"from": council})


def test_reverts_when_it_applied_for_something_else(
    identities, newcomer, admission_of, enrolled, council, reverts_with
):
    enrolled(newcomer, roles=REGULATOR | CONSUMER)

    with reverts_with("IdentityRegistryNotApplied", newcomer):
        identities.admitRegulator(admission_of(newcomer, roles=REGULATOR), {"from": council})


def test_h036_reverts_when_the_caller_has_no_vote(identities, newcomer, enrolled, no_voters, reverts_with):
    admission = enrolled(newcomer, roles=REGULATOR)
    for caller in no_voters:
        with reverts_with("AccessManagedUnauthorized", caller):
            identities.admitRegulator.call(admission, {"from": caller})
