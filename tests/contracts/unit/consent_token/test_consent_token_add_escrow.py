"""ConsentToken.addEscrow: an append-only list, of which the last takes uses."""

import json
from pathlib import Path

import brownie
import pytest

from tests.helpers.clock import is_ganache
from tests.helpers.network import NOBODY

MOST_ESCROWS = 255
STORAGE_LAYOUT = Path(__file__).parents[4] / "snapshots" / "storage-layout.json"


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


@pytest.mark.parametrize("note", [0, 1, 255])
def test_keeps_the_note_that_the_escrow_wants_to_be_told(
    consents, given, escrow, use, answer_in, council, stranger, note
):
    escrow.setNote(note, {"from": stranger})

    consents.addEscrow(escrow, {"from": council})

    assert answer_in(use(given, escrow=escrow), "bytes32", "uint32", "uint8")[2] == note


def test_forgets_the_note_of_the_escrow_before(consents, given, puppet, escrow, use, answer_in, council, relayer):
    puppet.perform(consents, [consents.setEscrowNote.encode_input(7)], {"from": relayer})

    consents.addEscrow(escrow, {"from": council})

    assert answer_in(use(given, escrow=escrow), "bytes32", "uint32", "uint8")[2] == 0


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


@pytest.fixture
def set_count(consents):
    """Say how many escrows are listed, so that nobody has to list hundreds: a function of their number."""
    layout = json.loads(STORAGE_LAYOUT.read_text(encoding="utf-8"))["ConsentToken"]
    (slot,) = [entry["slot"] for entry in layout["storage"] if entry["label"] == "_escrows"]
    method = "evm_setAccountStorageAt" if is_ganache() else "anvil_setStorageAt"

    def write(number):
        where, word = f"0x{int(slot):064x}", f"0x{number:064x}"
        answer = brownie.web3.provider.make_request(method, [consents.address, where, word])
        assert "error" not in answer, answer

    return write


def test_lists_255_and_no_more(consents, PuppetEscrow, escrow, council, set_count, reverts_with):
    set_count(MOST_ESCROWS - 1)

    consents.addEscrow(escrow, {"from": council})

    assert tuple(consents.currentEscrow()) == (escrow, MOST_ESCROWS)
    with reverts_with("SafeCastOverflowedUintDowncast", 8, MOST_ESCROWS + 1):
        consents.addEscrow(PuppetEscrow.deploy({"from": council}), {"from": council})
