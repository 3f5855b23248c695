"""FeeEscrow.depositWithPermit: a deposit in one transaction, whoever brings the permit first."""

import pytest

from tests.helpers.network import CONSUMER

AMOUNT = 5_000_000


@pytest.fixture
def holding(consumer, issue_credit):
    """The consumer holds AMOUNT and has let nobody take it."""
    issue_credit(consumer, AMOUNT)


def test_adds_to_the_prepaid_balance_when_the_account_holder_permits(system, escrow, consumer, holding, permit):
    tx = escrow.depositWithPermit(consumer, *permit(AMOUNT), {"from": consumer})

    assert tuple(escrow.prepaidOf(consumer)) == (AMOUNT, AMOUNT)
    assert system.credit.balanceOf(consumer) == 0
    assert system.credit.allowance(consumer, escrow) == 0
    event = tx.events["PrepaidDeposited"]
    assert (event["participant"], event["payer"], event["amount"]) == (consumer, consumer, AMOUNT)


def test_adds_to_the_prepaid_balance_when_a_delegate_brings_the_permit(
    escrow, consumer, holding, permit, delegates_of
):
    escrow.depositWithPermit(consumer, *permit(AMOUNT), {"from": delegates_of(consumer)["deposit"]})

    assert tuple(escrow.prepaidOf(consumer)) == (AMOUNT, AMOUNT)


def test_h017_adds_to_the_prepaid_balance_when_somebody_brought_the_permit_first(
    system, escrow, consumer, holding, permit, stranger
):
    amount, deadline, v, r, s = permit(AMOUNT)
    system.credit.permit(consumer, escrow, amount, deadline, v, r, s, {"from": stranger})

    escrow.depositWithPermit(consumer, amount, deadline, v, r, s, {"from": consumer})

    assert tuple(escrow.prepaidOf(consumer)) == (AMOUNT, AMOUNT)


def test_h001_reverts_when_the_permit_is_brought_twice(
    escrow, consumer, holding, permit, issue_credit, reverts_with
):
    arguments = permit(AMOUNT)
    escrow.depositWithPermit(consumer, *arguments, {"from": consumer})
    issue_credit(consumer, AMOUNT)

    with reverts_with("FeeEscrowSignatureInvalid", consumer, arguments[3]):
        escrow.depositWithPermit(consumer, *arguments, {"from": consumer})

    assert tuple(escrow.prepaidOf(consumer)) == (AMOUNT, AMOUNT)


@pytest.mark.parametrize("difference", ["signer", "amount", "spender", "deadline"])
def test_reverts_when_the_permit_is_for_something_else(
    escrow, consumer, provider, holding, permit, signer_of, chain, reverts_with, difference
):
    arguments = {
        "signer": lambda: permit(AMOUNT, key=signer_of(provider)),
        "amount": lambda: permit(AMOUNT, permitted=AMOUNT - 1),
        "spender": lambda: permit(AMOUNT, spender=provider.address),
        "deadline": lambda: permit(AMOUNT, deadline=chain[-1].timestamp - 1),
    }[difference]()

    with reverts_with("FeeEscrowSignatureInvalid", consumer, arguments[3]):
        escrow.depositWithPermit.call(consumer, *arguments, {"from": consumer})


def test_reverts_when_the_caller_is_a_stranger(escrow, consumer, holding, permit, stranger, reverts_with):
    with reverts_with("IdentityRegistryNotActor", consumer, b"deposit", stranger):
        escrow.depositWithPermit.call(consumer, *permit(AMOUNT), {"from": stranger})


def test_reverts_when_the_caller_is_a_delegate_of_another_kind(
    escrow, consumer, holding, permit, delegates_of, reverts_with
):
    delegates = delegates_of(consumer)

    for kind in ("exchange", "delivery", "sigAuth"):
        delegate = delegates[kind]
        with reverts_with("IdentityRegistryNotActor", consumer, b"deposit", delegate):
            escrow.depositWithPermit.call(consumer, *permit(AMOUNT), {"from": delegate})


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h030_reverts_when_the_participant_is_not_active(
    escrow, consumer, holding, permit, bring_to, reverts_with, standing
):
    bring_to(consumer, standing)

    with reverts_with("FeeEscrowParticipantNotActive", consumer):
        escrow.depositWithPermit.call(consumer, *permit(AMOUNT), {"from": consumer})


def test_h030_reverts_when_the_participant_was_never_registered(escrow, participant_in, permit, reverts_with):
    participant = participant_in("never_registered", CONSUMER)
    arguments = permit(AMOUNT)

    # Nobody else's permit lets the escrow take its tokens, and it has let nobody.
    with reverts_with("FeeEscrowSignatureInvalid", participant, arguments[3]):
        escrow.depositWithPermit.call(participant, *arguments, {"from": participant})


def test_h071_reverts_when_the_token_keeps_a_part(hostile_network, consumer, reverts_with):
    token, escrow = hostile_network.token, hostile_network.escrow
    token.mint(consumer, AMOUNT, {"from": consumer})
    token.approve(escrow, AMOUNT, {"from": consumer})
    token.setFee(100, {"from": consumer})

    with reverts_with("FeeEscrowTokenTookFee", AMOUNT, AMOUNT * 99 // 100):
        escrow.depositWithPermit.call(consumer, AMOUNT, 0, 27, bytes(32), bytes(32), {"from": consumer})
