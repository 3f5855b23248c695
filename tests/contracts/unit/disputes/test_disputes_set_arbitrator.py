"""Disputes.setArbitrator: by vote alone."""

from tests.helpers.events import told_by
from tests.helpers.network import NOBODY


def test_takes_another_when_the_council_calls(disputes, other_arbitrator, council):
    tx = disputes.setArbitrator(other_arbitrator, {"from": council})

    assert told_by(tx) == [("ArbitratorSet", {"arbitrator": other_arbitrator})]
    assert disputes.arbitrator() == other_arbitrator


def test_reverts_when_another_calls(
    disputes, arbitrator, other_arbitrator, guardian, treasurer, founder, deployer, stranger, reverts_with
):
    for caller in (guardian, treasurer, founder, deployer, stranger, arbitrator):
        with reverts_with("AccessManagedUnauthorized", caller):
            disputes.setArbitrator.call(other_arbitrator, {"from": caller})


def test_reverts_when_it_is_no_contract(disputes, council, stranger, reverts_with):
    for nowhere in (NOBODY, stranger.address):
        with reverts_with("DisputesAddressInvalid", nowhere):
            disputes.setArbitrator.call(nowhere, {"from": council})


def test_reverts_when_it_is_in_force(disputes, arbitrator, council, reverts_with):
    with reverts_with("DisputesArbitratorUnchanged", arbitrator):
        disputes.setArbitrator(arbitrator, {"from": council})
