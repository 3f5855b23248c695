"""FeeEscrow.dispute: the consumer objects in its window, and stakes a bond."""

from dataclasses import replace

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from consentry.client.exchanges import Delivery, ExchangeState
from tests.helpers.exchanges import EXCHANGE_TYPES
from tests.helpers.network import NOBODY
from tests.helpers.running import CIPHERTEXT_HASH, REASON

BOND = 400_000  # a tenth of the fee


@pytest.fixture
def run_disputable(consumer, prepay, run_delivered):
    """Fund and deliver an exchange, with a bond at hand."""

    def run():
        running = run_delivered()
        prepay(consumer, BOND)
        return running

    return run


@pytest.fixture
def signed(words, signer_of, consumer):
    """Sign the dispute of an exchange as the consumer: a function of the exchange."""
    return lambda running: words.sign_dispute(running.exchange, CIPHERTEXT_HASH, REASON, signer_of(consumer))


@pytest.fixture
def message_of(consumer):
    """What the consumer signs to dispute an exchange: a function of it."""
    return lambda running: {
        "exchange": running.id,
        "ciphertextHash": CIPHERTEXT_HASH,
        "reason": REASON,
        "signer": consumer.address,
    }


def test_takes_the_bond_when_the_consumers_word_is_relayed(
    system, escrow, consumer, provider, relayer, run_disputable, signed
):
    running = run_disputable()

    tx = escrow.dispute(*running.delivery(), REASON, consumer, signed(running), {"from": relayer})

    instant = running.delivered_at
    described = running.exchange.arguments(Delivery(CIPHERTEXT_HASH, instant))
    delivered = keccak(encode([*EXCHANGE_TYPES, "uint48"], [*described, instant]))
    disputed = keccak(encode(["bytes32", "uint256", "uint48"], [delivered, BOND, tx.timestamp]))
    assert escrow.slotOf(running.id) == "0x" + (disputed[:31] + bytes([ExchangeState.DISPUTED])).hex()
    assert tuple(escrow.stateOf(*running.used)) == (ExchangeState.DISPUTED, 0)
    assert tuple(escrow.prepaidOf(consumer)) == (0, 0)
    assert escrow.earnedOf(provider) == 0
    assert system.credit.balanceOf(escrow) == running.fee + BOND
    event = tx.events["ExchangeDisputed"]
    assert (event["exchangeId"], event["reason"]) == ("0x" + running.id.hex(), "0x" + REASON.hex())
    assert (event["bond"], event["disputedAt"]) == (BOND, tx.timestamp)


def test_takes_the_bond_when_the_consumer_calls(escrow, consumer, run_disputable):
    running = run_disputable()

    escrow.dispute(*running.delivery(), REASON, consumer, b"", {"from": consumer})

    assert escrow.stateOf(*running.used)[0] == ExchangeState.DISPUTED


def test_takes_the_bond_when_no_signer_is_named(
    escrow, words, consumer, relayer, run_disputable, rotate_owner, signer_of, reverts_with
):
    running, later = run_disputable(), run_disputable()
    key = signer_of(consumer)
    signatures = [words.sign_dispute(one.exchange, CIPHERTEXT_HASH, REASON, key) for one in (running, later)]

    escrow.dispute(*running.delivery(), REASON, NOBODY, signatures[0], {"from": relayer})

    assert escrow.stateOf(*running.used)[0] == ExchangeState.DISPUTED
    rotate_owner(consumer)
    with reverts_with("IdentityRegistryNotActor", consumer, b"exchange", consumer):
        escrow.dispute.call(*later.delivery(), REASON, NOBODY, signatures[1], {"from": relayer})


def test_takes_the_bond_when_the_delegate_speaks(
    escrow, words, consumer, relayer, run_disputable, delegates_of, signer_of
):
    called, relayed = run_disputable(), run_disputable()
    delegate = delegates_of(consumer)["exchange"]
    signature = words.sign_dispute(relayed.exchange, CIPHERTEXT_HASH, REASON, signer_of(delegate))

    escrow.dispute(*called.delivery(), REASON, delegate, b"", {"from": delegate})
    escrow.dispute(*relayed.delivery(), REASON, delegate, signature, {"from": relayer})

    assert [escrow.stateOf(*running.used)[0] for running in (called, relayed)] == [ExchangeState.DISPUTED] * 2


def test_takes_the_bond_when_the_owner_is_a_contract(
    escrow, words, consumer, relayer, run_disputable, wallet_for, signer_of
):
    running = run_disputable()
    wallet, owner = wallet_for(consumer)
    signature = words.sign_dispute(running.exchange, CIPHERTEXT_HASH, REASON, signer_of(owner), wallet)

    escrow.dispute(*running.delivery(), REASON, wallet, signature, {"from": relayer})

    assert escrow.stateOf(*running.used)[0] == ExchangeState.DISPUTED


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h087_takes_the_bond_when_the_consumer_is_no_longer_active(
    escrow, consumer, run_disputable, bring_to, standing
):
    running = run_disputable()
    bring_to(consumer, standing)

    escrow.dispute(*running.delivery(), REASON, consumer, b"", {"from": consumer})

    assert escrow.stateOf(*running.used)[0] == ExchangeState.DISPUTED


def test_h115_takes_the_bond_when_funding_is_paused(system, escrow, guardian, consumer, run_disputable):
    running = run_disputable()
    system.consents.pauseUses({"from": guardian})

    escrow.dispute(*running.delivery(), REASON, consumer, b"", {"from": consumer})

    assert escrow.stateOf(*running.used)[0] == ExchangeState.DISPUTED


def test_takes_no_bond_when_a_tenth_of_the_fee_is_less_than_a_unit(escrow, consumer, publish, run_ordered):
    running = run_ordered(fee=9, schedule_version=publish(price=9))
    prepaid = escrow.prepaidOf(consumer)[0]

    tx = escrow.dispute(*running.delivery(), REASON, consumer, b"", {"from": consumer})

    assert tx.events["ExchangeDisputed"]["bond"] == 0
    assert escrow.prepaidOf(consumer)[0] == prepaid


def test_h098_takes_the_bond_when_it_is_the_last_second(escrow, consumer, run_disputable, travel_to):
    running = run_disputable()
    travel_to(running.challenge_until)

    tx = escrow.dispute(*running.delivery(), REASON, consumer, b"", {"from": consumer})

    assert tx.timestamp == running.challenge_until


def test_h098_reverts_when_the_window_is_over(escrow, consumer, run_disputable, travel_to, reverts_with):
    running = run_disputable()
    travel_to(running.challenge_until + 1)

    with reverts_with("FeeEscrowChallengeOver", running.id, running.challenge_until):
        escrow.dispute(*running.delivery(), REASON, consumer, b"", {"from": consumer})


def test_h098_reverts_when_nothing_was_delivered(escrow, consumer, run_funded, reverts_with):
    running = run_funded()

    with reverts_with("FeeEscrowStateInvalid", running.id, ExchangeState.FUNDED):
        escrow.dispute.call(*running.delivery(), REASON, consumer, b"", {"from": consumer})


def test_h098_reverts_when_it_is_disputed_twice(
    escrow, consumer, relayer, run_disputable, signed, prepay, reverts_with
):
    running = run_disputable()
    prepay(consumer, BOND)
    arguments = (*running.delivery(), REASON, consumer, signed(running))
    escrow.dispute(*arguments, {"from": relayer})

    with reverts_with("FeeEscrowStateInvalid", running.id, ExchangeState.DISPUTED):
        escrow.dispute(*arguments, {"from": relayer})

    assert escrow.prepaidOf(consumer)[0] == BOND


def test_h098_reverts_when_the_caller_is_another_party(escrow, actors, run_disputable, reverts_with):
    running = run_disputable()

    for role in ("provider", "coordinator", "regulator", "founder", "stranger"):
        caller = actors[role]
        with reverts_with("IdentityRegistryNotActor", running.exchange.consumer, b"exchange", caller):
            escrow.dispute.call(*running.delivery(), REASON, caller, b"", {"from": caller})


def test_reverts_when_the_signer_is_a_delegate_of_another_kind(
    escrow, consumer, run_disputable, delegates_of, reverts_with
):
    running = run_disputable()
    delegates = delegates_of(consumer)

    for kind in ("delivery", "deposit", "sigAuth"):
        delegate = delegates[kind]
        with reverts_with("IdentityRegistryNotActor", consumer, b"exchange", delegate):
            escrow.dispute.call(*running.delivery(), REASON, delegate, b"", {"from": delegate})


def test_h106_reverts_when_the_bond_is_not_at_hand(escrow, consumer, prepay, run_delivered, reverts_with):
    running = run_delivered()
    prepay(consumer, BOND - 1)

    with reverts_with("FeeEscrowPrepaidTooLow", consumer, BOND - 1, BOND):
        escrow.dispute.call(*running.delivery(), REASON, consumer, b"", {"from": consumer})


def test_h106_reverts_when_the_bond_is_announced_to_be_taken_out(escrow, consumer, run_disputable, reverts_with):
    running = run_disputable()
    escrow.announceWithdrawal(consumer, 1, {"from": consumer})

    with reverts_with("FeeEscrowPrepaidTooLow", consumer, BOND - 1, BOND):
        escrow.dispute.call(*running.delivery(), REASON, consumer, b"", {"from": consumer})


def test_h106_holds_up_nothing_else_when_the_consumer_disputes_one_after_another(
    escrow, consumer, provider, run_disputable, run_delivered, reverts_with
):
    disputed = [run_disputable() for _ in range(2)]
    others = run_delivered(), run_delivered()
    for running in disputed:
        escrow.dispute(*running.delivery(), REASON, consumer, b"", {"from": consumer})

    # Each takes a bond of its own: without money there is no dispute.
    with reverts_with("FeeEscrowPrepaidTooLow", consumer, 0, BOND):
        escrow.dispute(*others[0].delivery(), REASON, consumer, b"", {"from": consumer})
    escrow.accept(*others[1].delivery(), consumer, b"", {"from": consumer})
    escrow.withdrawEarned(provider, {"from": provider})

    assert escrow.stateOf(*others[0].used)[0] == ExchangeState.DELIVERED
    assert escrow.stateOf(*others[1].used)[0] == ExchangeState.SETTLED


def test_h018_reverts_when_the_relayer_changes_the_reason(
    escrow, words, consumer, relayer, run_disputable, signed, message_of, reverts_with
):
    running = run_disputable()
    digest = words.exchanges.digest("Dispute", {**message_of(running), "reason": bytes(32)})

    with reverts_with("FeeEscrowSignatureInvalid", consumer, digest):
        escrow.dispute.call(*running.delivery(), bytes(32), consumer, signed(running), {"from": relayer})


def test_reverts_when_the_consumer_signed_an_acceptance(
    escrow, words, consumer, relayer, run_disputable, signer_of, message_of, reverts_with
):
    running = run_disputable()
    acceptance = words.sign_acceptance(running.exchange, CIPHERTEXT_HASH, signer_of(consumer))

    with reverts_with("FeeEscrowSignatureInvalid", consumer, words.exchanges.digest("Dispute", message_of(running))):
        escrow.dispute.call(*running.delivery(), REASON, consumer, acceptance, {"from": relayer})


def test_h005_h006_h007_reverts_when_the_signature_is_malformed(
    escrow, words, consumer, relayer, run_disputable, signed, message_of, malformed, reverts_with
):
    running = run_disputable()
    digest = words.exchanges.digest("Dispute", message_of(running))

    for wrong in malformed(signed(running)).values():
        with reverts_with("FeeEscrowSignatureInvalid", consumer, digest):
            escrow.dispute.call(*running.delivery(), REASON, consumer, wrong, {"from": relayer})


@pytest.mark.parametrize("difference", ["contract", "chain_id"])
def test_h002_h003_reverts_when_signed_for_another_escrow_or_chain(
    system, escrow, words, consumer, relayer, run_disputable, signer_of, message_of, reverts_with, difference
):
    running = run_disputable()
    elsewhere = {"contract": system.consents.address, "chain_id": words.exchanges.chain_id + 1}[difference]
    domain = replace(words.exchanges, **{difference: elsewhere})
    signature = domain.sign(signer_of(consumer), "Dispute", message_of(running))

    with reverts_with("FeeEscrowSignatureInvalid", consumer, words.exchanges.digest("Dispute", message_of(running))):
        escrow.dispute.call(*running.delivery(), REASON, consumer, signature, {"from": relayer})


def test_reverts_when_the_delivery_is_described_otherwise(escrow, consumer, run_disputable, altered, reverts_with):
    running = run_disputable()
    exchange, delivered_at = running.delivery()
    other = running.exchange.arguments(Delivery(keccak(text="another ciphertext"), delivered_at))

    for described in (
        (altered(running, "fee", is_delivered=True), delivered_at),
        (altered(running, "challenge_seconds", is_delivered=True), delivered_at),
        (other, delivered_at),
        (exchange, delivered_at + 1),
    ):
        with reverts_with("FeeEscrowExchangeMismatch", running.id):
            escrow.dispute.call(*described, REASON, consumer, b"", {"from": consumer})
