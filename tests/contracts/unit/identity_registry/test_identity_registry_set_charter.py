"""IdentityRegistry.setCharter: applications come through another charter."""

import pytest

from tests.helpers.network import AGREEMENT, INVITED, NOBODY, account_of


@pytest.fixture
def successor(NetworkCharter, system, stranger):
    """Another charter of the same council, which nobody has signed."""
    wiring = system.access, system.identities, system.council
    return NetworkCharter.deploy(*wiring, b"\1" * 32, b"\2" * 32, {"from": stranger})


def test_takes_applications_through_the_other_when_the_council_says_so(
    identities, charter, successor, council, unused_account, admission_of, told_by, reverts_with
):
    tx = identities.setCharter(successor, {"from": council})

    assert told_by(tx) == [("CharterSet", {"charter": successor})]
    assert identities.charter() == successor
    newcomer = unused_account()
    with reverts_with("IdentityRegistryNotCharter", charter):
        identities.enrol(admission_of(newcomer), AGREEMENT, {"from": charter})
    identities.enrol(admission_of(newcomer), AGREEMENT, {"from": account_of(successor)})
    assert identities.participantOf(newcomer).dict()["status"] == INVITED


def test_h118_reverts_when_there_is_no_contract(identities, council, stranger, reverts_with):
    for nowhere in (NOBODY, stranger.address):
        with reverts_with("IdentityRegistryAddressInvalid", nowhere):
            identities.setCharter.call(nowhere, {"from": council})


def test_h036_reverts_when_the_caller_has_no_vote(identities, successor, no_voters, reverts_with):
    for caller in no_voters:
        with reverts_with("AccessManagedUnauthorized", caller):
            identities.setCharter.call(successor, {"from": caller})
