"""FeeEscrow.depositOwn: the account holder's own tokens, moved by it or by a backend that may do just that."""

import pytest

from tests.helpers.network import CONSUMER

AMOUNT = 5_000_000


@pytest.fixture
def ready(system, escrow, consumer, issue_credit):
    """The consumer holds AMOUNT and lets the escrow take it."""
    issue_credit(consumer, AMOUNT)
    system.credit.approve(escrow, AMOUNT, {"from": consumer})


def test_adds_to_the_prepaid_balance_when_the_account_holder_calls(system, escrow, consumer, ready):
    tx = escrow.depositOwn(consumer, AMOUNT, {"from": consumer})

    assert tuple(escrow.prepaidOf(consumer)) == (AMOUNT, AMOUNT)
    assert system.credit.balanceOf(consumer) == 0
    event = tx.events["PrepaidDeposited"]
    assert (event["participant"], event["payer"], event["amount"]) == (consumer, consumer, AMOUNT)


def test_takes_the_account_holders_tokens_when_its_delegate_calls(system, escrow, consumer, ready, delegates_of):
    delegate = delegates_of(consumer)["deposit"]

    tx = escrow.depositOwn(consumer, AMOUNT, {"from": delegate})

    assert tuple(escrow.prepaidOf(consumer)) == (AMOUNT, AMOUNT)
    assert system.credit.balanceOf(consumer) == 0
    assert tx.events["PrepaidDeposited"]["payer"] == consumer


def test_takes_the_new_owners_tokens_when_the_owner_key_was_handed_on(
    system, escrow, consumer, issue_credit, rotate_owner
):
    owner = rotate_owner(consumer)
    issue_credit(consumer, AMOUNT)
    system.credit.approve(escrow, AMOUNT, {"from": owner})

    tx = escrow.depositOwn(consumer, AMOUNT, {"from": owner})

    assert tuple(escrow.prepaidOf(consumer)) == (AMOUNT, AMOUNT)
    assert tx.events["PrepaidDeposited"]["payer"] == owner


def test_reverts_when_the_caller_is_a_delegate_of_another_kind(escrow, consumer, ready, delegates_of, reverts_with):
    delegates = delegates_of(consumer)

    for kind in ("exchange", "delivery", "sigAuth"):
        delegate = delegates[kind]
        with reverts_with("IdentityRegistryNotActor", consumer, b"deposit", delegate):
            escrow.depositOwn.call(consumer, AMOUNT, {"from": delegate})


def test_reverts_when_the_delegate_was_revoked(system, escrow, consumer, ready, delegates_of, reverts_with):
    delegate = delegates_of(consumer)["deposit"]
    system.identities.revokeDelegate(consumer, b"deposit".ljust(32, b"\0"), delegate, {"from": consumer})

    with reverts_with("IdentityRegistryNotActor", consumer, b"deposit", delegate):
        escrow.depositOwn.call(consumer, AMOUNT, {"from": delegate})


def test_reverts_when_the_caller_is_a_stranger(escrow, consumer, ready, stranger, reverts_with):
    with reverts_with("IdentityRegistryNotActor", consumer, b"deposit", stranger):
        escrow.depositOwn.call(consumer, AMOUNT, {"from": stranger})


def test_reverts_when_the_amount_is_zero(escrow, consumer, ready, reverts_with):
    with reverts_with("FeeEscrowAmountInvalid", 0):
        escrow.depositOwn.call(consumer, 0, {"from": consumer})


@pytest.mark.parametrize("standing", ["never_registered", "suspended", "removed"])
def test_h030_reverts_when_the_participant_is_not_active(escrow, participant_in, reverts_with, standing):
    participant = participant_in(standing, CONSUMER)

    with reverts_with("FeeEscrowParticipantNotActive", participant):
        escrow.depositOwn.call(participant, AMOUNT, {"from": participant})
