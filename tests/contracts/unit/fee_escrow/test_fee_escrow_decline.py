"""FeeEscrow.decline: the provider will not deliver, and the fee is back with the consumer."""

from dataclasses import replace

import pytest

from consentry.client.exchanges import ExchangeState, RefundCause
from tests.helpers.exchanges import funded_in
from tests.helpers.network import NOBODY
from tests.helpers.running import REASON


@pytest.fixture
def signed(words, signer_of, provider):
    """Sign the decline of an exchange as the provider: a function of the exchange."""
    return lambda running: words.sign_decline(running.exchange, REASON, signer_of(provider))


@pytest.fixture
def message_of(provider):
    """What the provider signs to decline an exchange: a function of it."""
    return lambda running: {"exchange": running.id, "reason": REASON, "signer": provider.address}


def test_returns_the_fee_when_the_providers_word_is_relayed(
    system, escrow, consumer, provider, relayer, run_funded, signed
):
    running = run_funded()

    tx = escrow.decline(*running.description(), REASON, provider, signed(running), {"from": relayer})

    assert tuple(escrow.stateOf(*running.used)) == (ExchangeState.REFUNDED, tx.timestamp)
    assert int(str(escrow.slotOf(running.id)), 16) == tx.timestamp << 8 | ExchangeState.REFUNDED
    assert tuple(escrow.prepaidOf(consumer)) == (running.fee, running.fee)
    assert system.credit.balanceOf(escrow) == running.fee
    declined, refunded = tx.events["ExchangeDeclined"], tx.events["ExchangeRefunded"]
    assert (declined["exchangeId"], declined["reason"]) == ("0x" + running.id.hex(), "0x" + REASON.hex())
    assert (refunded["exchangeId"], refunded["cause"]) == ("0x" + running.id.hex(), RefundCause.DECLINED)


def test_returns_the_fee_when_the_provider_calls(escrow, consumer, provider, run_funded):
    running = run_funded()

    escrow.decline(*running.description(), REASON, provider, b"", {"from": provider})

    assert escrow.prepaidOf(consumer)[0] == running.fee


def test_returns_the_fee_when_no_signer_is_named(
    escrow, words, provider, relayer, run_funded, rotate_owner, signer_of, reverts_with
):
    running, later = run_funded(), run_funded()
    signatures = [words.sign_decline(one.exchange, REASON, signer_of(provider)) for one in (running, later)]

    escrow.decline(*running.description(), REASON, NOBODY, signatures[0], {"from": relayer})

    assert escrow.stateOf(*running.used)[0] == ExchangeState.REFUNDED
    rotate_owner(provider)
    with reverts_with("IdentityRegistryNotActor", provider, b"delivery", provider):
        escrow.decline.call(*later.description(), REASON, NOBODY, signatures[1], {"from": relayer})


def test_returns_the_fee_when_the_delegate_speaks(
    escrow, words, consumer, provider, relayer, run_funded, delegates_of, signer_of
):
    called, relayed = run_funded(), run_funded()
    delegate = delegates_of(provider)["delivery"]
    signature = words.sign_decline(relayed.exchange, REASON, signer_of(delegate))

    escrow.decline(*called.description(), REASON, delegate, b"", {"from": delegate})
    escrow.decline(*relayed.description(), REASON, delegate, signature, {"from": relayer})

    assert escrow.prepaidOf(consumer)[0] == called.fee + relayed.fee


def test_returns_the_fee_when_the_owner_is_a_contract(
    escrow, words, consumer, provider, relayer, run_funded, wallet_for, signer_of
):
    running = run_funded()
    wallet, owner = wallet_for(provider)
    signature = words.sign_decline(running.exchange, REASON, signer_of(owner), wallet)

    escrow.decline(*running.description(), REASON, wallet, signature, {"from": relayer})

    assert escrow.prepaidOf(consumer)[0] == running.fee


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h087_returns_the_fee_when_the_parties_are_no_longer_active(
    escrow, actors, consumer, provider, relayer, run_funded, signed, bring_to, standing
):
    running = run_funded()
    for role in ("consumer", "provider", "coordinator"):
        bring_to(actors[role], standing)

    escrow.decline(*running.description(), REASON, provider, signed(running), {"from": relayer})

    assert escrow.prepaidOf(consumer)[0] == running.fee


def test_h115_returns_the_fee_when_funding_is_paused(system, escrow, guardian, consumer, provider, run_funded):
    running = run_funded()
    system.consents.pauseUses({"from": guardian})

    escrow.decline(*running.description(), REASON, provider, b"", {"from": provider})

    assert escrow.prepaidOf(consumer)[0] == running.fee


def test_returns_the_fee_when_the_delivery_deadline_is_over(escrow, consumer, provider, run_funded, travel_to):
    running = run_funded()
    travel_to(running.exchange.deliver_by + 1)

    escrow.decline(*running.description(), REASON, provider, b"", {"from": provider})

    assert escrow.prepaidOf(consumer)[0] == running.fee


def test_h070_reverts_until_there_is_room_when_the_balance_is_at_its_bound(
    system, hostile_network, prepay_in, arguments_in, consumer, provider, relayer, travel_to, reverts_with
):
    escrow, most = hostile_network.escrow, 2**104 - 1
    _, order, arguments = arguments_in(hostile_network)
    prepay_in(hostile_network, consumer, order.fee)
    exchange = funded_in(escrow.fund(*arguments, {"from": relayer}))
    prepay_in(hostile_network, consumer, most)

    with reverts_with("SafeCastOverflowedUintDowncast", 104, most + order.fee):
        escrow.decline(exchange.arguments(), REASON, provider, b"", {"from": provider})
    assert escrow.stateOf(exchange.consent, exchange.use)[0] == ExchangeState.FUNDED

    announced = escrow.announceWithdrawal(consumer, order.fee, {"from": consumer}).events["WithdrawalAnnounced"]
    travel_to(announced["takeableAt"])
    escrow.withdrawPrepaid(consumer, {"from": consumer})
    escrow.decline(exchange.arguments(), REASON, provider, b"", {"from": provider})
    assert escrow.prepaidOf(consumer)[0] == most


def test_h001_reverts_when_it_is_declined_twice(escrow, consumer, provider, relayer, run_funded, signed, reverts_with):
    running = run_funded()
    arguments = (*running.description(), REASON, provider, signed(running))
    escrow.decline(*arguments, {"from": relayer})

    with reverts_with("FeeEscrowStateInvalid", running.id, ExchangeState.REFUNDED):
        escrow.decline(*arguments, {"from": relayer})

    assert escrow.prepaidOf(consumer)[0] == running.fee


def test_reverts_when_it_is_delivered(escrow, provider, run_delivered, reverts_with):
    running = run_delivered()

    with reverts_with("FeeEscrowStateInvalid", running.id, ExchangeState.DELIVERED):
        escrow.decline.call(*running.description(), REASON, provider, b"", {"from": provider})


def test_reverts_when_the_caller_is_another_party(escrow, actors, run_funded, reverts_with):
    running = run_funded()

    for role in ("consumer", "coordinator", "founder", "stranger"):
        caller = actors[role]
        with reverts_with("IdentityRegistryNotActor", running.exchange.provider, b"delivery", caller):
            escrow.decline.call(*running.description(), REASON, caller, b"", {"from": caller})


def test_reverts_when_the_signer_is_a_delegate_of_another_kind(
    escrow, provider, run_funded, delegates_of, reverts_with
):
    running = run_funded()
    delegates = delegates_of(provider)

    for kind in ("exchange", "deposit", "sigAuth"):
        delegate = delegates[kind]
        with reverts_with("IdentityRegistryNotActor", provider, b"delivery", delegate):
            escrow.decline.call(*running.description(), REASON, delegate, b"", {"from": delegate})


def test_reverts_when_the_signature_is_for_another_exchange(
    escrow, words, provider, relayer, run_funded, signed, message_of, reverts_with
):
    running, other = run_funded(), run_funded()

    with reverts_with("FeeEscrowSignatureInvalid", provider, words.exchanges.digest("Decline", message_of(running))):
        escrow.decline.call(*running.description(), REASON, provider, signed(other), {"from": relayer})


def test_h018_reverts_when_the_relayer_changes_the_reason(
    escrow, words, provider, relayer, run_funded, signed, message_of, reverts_with
):
    running = run_funded()
    digest = words.exchanges.digest("Decline", {**message_of(running), "reason": bytes(32)})

    with reverts_with("FeeEscrowSignatureInvalid", provider, digest):
        escrow.decline.call(*running.description(), bytes(32), provider, signed(running), {"from": relayer})


def test_h005_h006_h007_reverts_when_the_signature_is_malformed(
    escrow, words, provider, relayer, run_funded, signed, message_of, malformed, reverts_with
):
    running = run_funded()
    digest = words.exchanges.digest("Decline", message_of(running))

    for wrong in malformed(signed(running)).values():
        with reverts_with("FeeEscrowSignatureInvalid", provider, digest):
            escrow.decline.call(*running.description(), REASON, provider, wrong, {"from": relayer})


@pytest.mark.parametrize("difference", ["contract", "chain_id"])
def test_h002_h003_reverts_when_signed_for_another_escrow_or_chain(
    system, escrow, words, provider, relayer, run_funded, signer_of, message_of, reverts_with, difference
):
    running = run_funded()
    elsewhere = {"contract": system.consents.address, "chain_id": words.exchanges.chain_id + 1}[difference]
    domain = replace(words.exchanges, **{difference: elsewhere})
    signature = domain.sign(signer_of(provider), "Decline", message_of(running))

    with reverts_with("FeeEscrowSignatureInvalid", provider, words.exchanges.digest("Decline", message_of(running))):
        escrow.decline.call(*running.description(), REASON, provider, signature, {"from": relayer})


def test_h018_reverts_when_the_exchange_is_described_otherwise(
    escrow, provider, relayer, run_funded, signed, altered, reverts_with
):
    running = run_funded()

    for field in ("consumer", "provider", "fee"):
        with reverts_with("FeeEscrowExchangeMismatch", running.id):
            escrow.decline.call(altered(running, field), REASON, provider, signed(running), {"from": relayer})
