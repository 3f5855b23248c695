"""ConsentToken.addEscrow: an append-only list, of which the last takes uses."""

import pytest

from tests.helpers.network import NOBODY


@pytest.fixture
def escrow(PuppetEscrow, council):
    """A contract that is not listed."""
    return PuppetEscrow.deploy({"from": council})


def test_lists_the_escrow_and_lets_it_take_uses(system, consents, escrow, council, told_by):
    assert tuple(consents.currentEscrow()) == (system.escrow, 1)

    tx = consents.addEscrow(escrow, {"from": council})

    assert tuple(consents.currentEscrow()) == (escrow, 2)
    assert [consents.escrowAt(index) for index in range(4)] == [NOBODY, system.escrow, escrow, NOBODY]
    assert told_by(tx) == [("EscrowListed", {"index": 2, "escrow": escrow})]


def test_leaves_the_earlier_escrow_with_what_is_open_in_it(
    system, consents, funded, withdraw, escrow, council, provider, consumer
):
    delivered, withdrawn = funded(), funded()

    consents.addEscrow(escrow, {"from": council})

    description = delivered.exchange.arguments()
    system.escrow.deliver(description, delivered.exchange.id, provider, b"", {"from": provider})
    withdraw(withdrawn.given, withdrawn.exchange.arguments())
    assert system.escrow.prepaidOf(consumer)[0] == withdrawn.exchange.fee
    assert consents.stateOf(delivered.given.id)[2] == system.escrow


def test_a24_reverts_when_caller_is_not_the_council(
    consents, escrow, guardian, deployer, consumer, stranger, reverts_with
):
    for caller in (guardian, deployer, consumer, stranger):
        with reverts_with("AccessManagedUnauthorized", caller):
            consents.addEscrow.call(escrow, {"from": caller})


def test_reverts_when_it_is_listed_already(system, consents, escrow, council, reverts_with):
    consents.addEscrow(escrow, {"from": council})

    for listed in (system.escrow, escrow):
        with reverts_with("ConsentTokenEscrowInvalid", listed):
            consents.addEscrow(listed, {"from": council})


def test_reverts_when_it_is_no_contract(consents, council, stranger, reverts_with):
    for account in (stranger, NOBODY):
        with reverts_with("ConsentTokenEscrowInvalid", account):
            consents.addEscrow(account, {"from": council})
