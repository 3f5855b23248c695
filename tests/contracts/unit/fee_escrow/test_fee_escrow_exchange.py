"""FeeEscrow.exchange: all that was signed, in one transaction, under the rules of the steps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from consentry.client.exchanges import Delivery, Exchange, ExchangeState, Order, SettlementCause, Shares
from tests.helpers.exchanges import EXCHANGE_TYPES, NO_EXCHANGE, Given, funded_in
from tests.helpers.network import NOBODY
from tests.helpers.running import CIPHERTEXT_HASH

PACKAGED_SHARES = Shares(6_000, 1_500, 1_500, 500, 500)
NOTHING = (NOBODY, b"")


@dataclass(frozen=True)
class Sealed:
    """All that one transaction brings, by name, and what it is about."""

    given: Given
    order: Order
    exchange: Exchange
    order_signature: bytes
    delivery: tuple
    acceptance: tuple

    def arguments(self, **changes) -> tuple:
        """Return the arguments of the call, some of them others."""
        values = {
            "opened": self.given.opened.arguments(),
            "order": self.order.arguments(),
            "ciphertext_hash": CIPHERTEXT_HASH,
            "order_signature": self.order_signature,
            "delivery": self.delivery,
            "acceptance": self.acceptance,
            "consent_signature": self.given.signature,
        } | changes
        delivery, acceptance = values["delivery"], values["acceptance"]
        return (
            values["opened"],
            values["order"],
            values["ciphertext_hash"],
            values["order_signature"],
            *delivery,
            *acceptance,
            values["consent_signature"],
        )


@pytest.fixture
def sealed(words, consumer, provider, prepared, signer_of):
    """Make all that one transaction brings, the fee prepaid: a function of the consent if there is one already, and of
    what of the order shall be different."""

    def make(given=None, use=1, **changes):
        given, order, (_, _, _, order_signature) = prepared(given, use, **changes)
        exchange = order.exchange(given.opened, given.id, use, PACKAGED_SHARES)
        delivery = words.sign_delivery(exchange, CIPHERTEXT_HASH, signer_of(provider))
        acceptance = words.sign_acceptance(exchange, CIPHERTEXT_HASH, signer_of(consumer))
        return Sealed(given, order, exchange, order_signature, (provider, delivery), (consumer, acceptance))

    return make


# ---------------------------------------------------------------- settled


def test_settles_when_everything_is_signed(system, escrow, consumer, relayer, sealed, credited):
    made = sealed()

    tx = escrow.exchange(*made.arguments(), {"from": relayer})

    assert tx.return_value == "0x" + made.exchange.id.hex()
    assert credited(escrow) == Shares(2_400_000, 600_000, 600_000, 200_000, 200_000)
    assert tuple(escrow.prepaidOf(consumer)) == (0, 0)
    assert system.credit.balanceOf(escrow) == made.order.fee
    assert tuple(escrow.stateOf(made.given.id, 1)) == (ExchangeState.SETTLED, 0)
    assert int(str(escrow.slotOf(made.exchange.id)), 16) == 0
    assert tuple(system.consents.stateOf(made.given.id)) == (NOBODY, 1, escrow, 0)
    assert funded_in(tx) == made.exchange
    delivered, settled = tx.events["ExchangeDelivered"], tx.events["ExchangeSettled"]
    assert delivered["exchangeId"] == settled["exchangeId"] == "0x" + made.exchange.id.hex()
    assert (delivered["ciphertextHash"], delivered["deliveredAt"]) == ("0x" + CIPHERTEXT_HASH.hex(), tx.timestamp)
    assert settled["cause"] == SettlementCause.ACCEPTED


def test_settles_when_the_consent_was_granted_before(system, escrow, relayer, sealed, credited):
    made = sealed()
    system.consents.grant(made.given.sealed.arguments(), made.given.signature, {"from": relayer})

    escrow.exchange(*made.arguments(consent_signature=b""), {"from": relayer})

    assert credited(escrow) == Shares(2_400_000, 600_000, 600_000, 200_000, 200_000)


def test_settles_when_the_consumer_calls_and_names_itself(escrow, consumer, sealed, credited):
    made = sealed()

    escrow.exchange(*made.arguments(order_signature=b"", acceptance=(consumer, b"")), {"from": consumer})

    assert credited(escrow).provider == 2_400_000


def test_settles_when_the_provider_calls_and_nobody_is_named(escrow, provider, sealed, credited):
    made = sealed()
    acceptance = (NOBODY, made.acceptance[1])

    escrow.exchange(*made.arguments(delivery=NOTHING, acceptance=acceptance), {"from": provider})

    assert credited(escrow).provider == 2_400_000


def test_settles_when_delegates_speak(
    escrow, words, consumer, provider, relayer, sealed, delegates_of, signer_of, credited
):
    orders, delivers = delegates_of(consumer)["exchange"], delegates_of(provider)["delivery"]
    made = sealed()
    order = replace(made.order, signer=orders.address)
    delivery = words.sign_delivery(made.exchange, CIPHERTEXT_HASH, signer_of(delivers))
    acceptance = words.sign_acceptance(made.exchange, CIPHERTEXT_HASH, signer_of(orders))

    escrow.exchange(
        *made.arguments(
            order=order.arguments(),
            order_signature=words.sign_order(order, made.given, signer_of(orders)),
            delivery=(delivers, delivery),
            acceptance=(orders, acceptance),
        ),
        {"from": relayer},
    )

    assert credited(escrow).provider == 2_400_000


def test_settles_when_the_owners_are_contracts(
    escrow, words, consumer, provider, relayer, sealed, wallet_for, signer_of, credited
):
    (orders, orders_key), (delivers, delivers_key) = wallet_for(consumer), wallet_for(provider)
    made = sealed()
    order = replace(made.order, signer=orders.address)
    delivery = words.sign_delivery(made.exchange, CIPHERTEXT_HASH, signer_of(delivers_key), delivers)
    acceptance = words.sign_acceptance(made.exchange, CIPHERTEXT_HASH, signer_of(orders_key), orders)

    escrow.exchange(
        *made.arguments(
            order=order.arguments(),
            order_signature=words.sign_order(order, made.given, signer_of(orders_key)),
            delivery=(delivers, delivery),
            acceptance=(orders, acceptance),
        ),
        {"from": relayer},
    )

    assert credited(escrow).provider == 2_400_000


# ---------------------------------------------------------------- delivered, and no more yet


def test_waits_for_the_consumer_when_it_has_not_accepted(escrow, consumer, relayer, sealed, credited):
    made = sealed()

    tx = escrow.exchange(*made.arguments(acceptance=NOTHING), {"from": relayer})

    described = made.exchange.arguments(Delivery(CIPHERTEXT_HASH, tx.timestamp))
    delivered = keccak(encode([*EXCHANGE_TYPES, "uint48"], [*described, tx.timestamp]))
    assert escrow.slotOf(made.exchange.id) == "0x" + (delivered[:31] + bytes([ExchangeState.DELIVERED])).hex()
    assert tuple(escrow.stateOf(made.given.id, 1)) == (ExchangeState.DELIVERED, 0)
    assert credited(escrow) == Shares(0, 0, 0, 0, 0)
    assert "ExchangeSettled" not in tx.events

    escrow.accept(described, tx.timestamp, consumer, b"", {"from": consumer})

    assert credited(escrow).provider == 2_400_000


def test_waits_for_the_consumer_when_it_calls_and_names_nobody(escrow, consumer, sealed):
    made = sealed()

    escrow.exchange(*made.arguments(acceptance=NOTHING), {"from": consumer})

    assert escrow.stateOf(made.given.id, 1)[0] == ExchangeState.DELIVERED


# ---------------------------------------------------------------- one set of rules: a use counts once


def test_h062_reverts_when_the_consent_was_used_by_the_steps(escrow, relayer, sealed, reverts_with):
    made, other = sealed(), sealed()
    again = sealed(made.given, 2)
    funding = (made.given.opened.arguments(), made.order.arguments(), made.given.signature, made.order_signature)
    escrow.fund(*funding, {"from": relayer})

    with reverts_with("ConsentTokenExhausted", made.given.id, 1):
        escrow.exchange.call(*again.arguments(), {"from": relayer})
    escrow.exchange(*other.arguments(), {"from": relayer})


def test_h062_refuses_the_steps_when_the_consent_was_used_at_once(escrow, relayer, sealed, reverts_with):
    made = sealed()
    again = sealed(made.given, 2)
    escrow.exchange(*made.arguments(), {"from": relayer})

    with reverts_with("ConsentTokenExhausted", made.given.id, 1):
        escrow.exchange.call(*again.arguments(), {"from": relayer})
    with reverts_with("ConsentTokenExhausted", made.given.id, 1):
        escrow.fund.call(
            made.given.opened.arguments(), again.order.arguments(), made.given.signature, again.order_signature,
            {"from": relayer},
        )  # fmt: skip


def test_h063_settles_each_use_when_there_are_several(escrow, words, fresh_subject, relayer, sealed, reverts_with):
    given = words.give(fresh_subject(), max_uses=2)

    for use in (1, 2):
        escrow.exchange(*sealed(given, use).arguments(), {"from": relayer})

    assert [escrow.stateOf(given.id, use)[0] for use in (1, 2, 3)] == [
        ExchangeState.SETTLED,
        ExchangeState.SETTLED,
        ExchangeState.NONE,
    ]
    with reverts_with("ConsentTokenExhausted", given.id, 2):
        escrow.exchange.call(*sealed(given, 3).arguments(), {"from": relayer})


def test_h001_reverts_when_it_is_brought_twice(escrow, relayer, sealed, credited, reverts_with):
    made = sealed()
    escrow.exchange(*made.arguments(), {"from": relayer})

    with reverts_with("ConsentTokenExhausted", made.given.id, 1):
        escrow.exchange(*made.arguments(), {"from": relayer})

    assert credited(escrow).provider == 2_400_000


def test_h059_reverts_when_the_consent_was_withdrawn(system, escrow, words, relayer, sealed, reverts_with):
    made = sealed()
    withdrawal = (made.given.sealed.arguments(), NO_EXCHANGE, words.sign_withdrawal(made.given))
    withdrawn = system.consents.withdraw(*withdrawal, {"from": relayer})

    with reverts_with("ConsentTokenWithdrawn", made.given.id, withdrawn.timestamp):
        escrow.exchange.call(*made.arguments(), {"from": relayer})


# ---------------------------------------------------------------- refused


def test_reverts_when_the_subject_did_not_sign(escrow, words, fresh_subject, relayer, sealed, reverts_with):
    made = sealed()
    elses = words.given(made.given.opened, fresh_subject()).signature

    with reverts_with("ConsentTokenSignatureInvalid", made.given.id, made.given.opened.subject):
        escrow.exchange.call(*made.arguments(consent_signature=elses), {"from": relayer})
    with reverts_with("ConsentTokenMissing", made.given.id):
        escrow.exchange.call(*made.arguments(consent_signature=b""), {"from": relayer})


def test_h018_reverts_when_an_institution_signed_something_else(
    escrow, words, consumer, provider, relayer, sealed, signer_of, reverts_with
):
    made = sealed()
    other = keccak(text="another ciphertext")
    wrong = {
        "order_signature": (consumer, words.sign_order(replace(made.order, fee=1), made.given, signer_of(consumer))),
        "delivery": (provider, words.sign_delivery(made.exchange, other, signer_of(provider))),
        "acceptance": (consumer, words.sign_acceptance(made.exchange, other, signer_of(consumer))),
    }

    for name, (signer, signature) in wrong.items():
        brought = signature if name == "order_signature" else (signer, signature)
        with reverts_with("FeeEscrowSignatureInvalid", signer, ...):
            escrow.exchange.call(*made.arguments(**{name: brought}), {"from": relayer})
    with reverts_with("FeeEscrowSignatureInvalid", provider, ...):
        escrow.exchange.call(*made.arguments(ciphertext_hash=other), {"from": relayer})


def test_reverts_when_the_provider_did_not_deliver_to_this_key_and_coordinator(
    escrow, words, provider, relayer, stranger, sealed, signer_of, reverts_with
):
    made = sealed()
    for field, value in (("recipient_key_hash", keccak(text="another key")), ("coordinator", stranger.address)):
        elsewhere = replace(made.exchange, **{field: value})
        signature = words.sign_delivery(elsewhere, CIPHERTEXT_HASH, signer_of(provider))
        with reverts_with("FeeEscrowSignatureInvalid", provider, ...):
            escrow.exchange.call(*made.arguments(delivery=(provider, signature)), {"from": relayer})


def test_reverts_when_a_named_signer_brings_no_signature(escrow, consumer, provider, relayer, sealed, reverts_with):
    made = sealed()

    for changes, signer in (
        ({"delivery": (provider, b"")}, provider),
        ({"acceptance": (consumer, b"")}, consumer),
        ({"order_signature": b""}, consumer),
    ):
        with reverts_with("FeeEscrowSignatureInvalid", signer, ...):
            escrow.exchange.call(*made.arguments(**changes), {"from": relayer})


def test_reverts_when_the_signer_is_nobody_of_the_institution(
    escrow, words, consumer, provider, relayer, sealed, delegates_of, signer_of, reverts_with
):
    made = sealed()
    for participant, kind, name, sign in (
        (provider, "delivery", "delivery", words.sign_delivery),
        (consumer, "exchange", "acceptance", words.sign_acceptance),
    ):
        stranger = delegates_of(participant)["sigAuth"]
        word = (stranger, sign(made.exchange, CIPHERTEXT_HASH, signer_of(stranger)))
        with reverts_with("IdentityRegistryNotActor", participant, kind.encode(), stranger):
            escrow.exchange.call(*made.arguments(**{name: word}), {"from": relayer})


def test_h034_reverts_when_a_key_was_rotated(
    escrow, consumer, provider, relayer, sealed, rotate_owner, reverts_with
):
    made = sealed()
    rotate_owner(provider)

    with reverts_with("IdentityRegistryNotActor", provider, b"delivery", provider):
        escrow.exchange.call(*made.arguments(), {"from": relayer})


def test_h109_reverts_when_nothing_is_delivered(escrow, relayer, sealed, reverts_with):
    made = sealed()

    with reverts_with("FeeEscrowCiphertextHashMissing", made.exchange.id):
        escrow.exchange.call(*made.arguments(ciphertext_hash=bytes(32)), {"from": relayer})


@pytest.mark.parametrize("standing", ["suspended", "removed"])
@pytest.mark.parametrize("role", ["consumer", "provider", "coordinator"])
def test_h030_reverts_when_a_party_is_not_active(
    escrow, actors, relayer, sealed, bring_to, reverts_with, role, standing
):
    made = sealed()
    bring_to(actors[role], standing)
    error = {
        "consumer": "ConsentTokenConsumerNotActive",
        "provider": "ConsentTokenProviderNotActive",
        "coordinator": "FeeEscrowCoordinatorInvalid",
    }[role]

    with reverts_with(error, actors[role]):
        escrow.exchange.call(*made.arguments(), {"from": relayer})


def test_h115_reverts_when_uses_are_paused(system, escrow, guardian, relayer, sealed, reverts_with):
    made = sealed()
    until = system.consents.pauseUses({"from": guardian}).events["UsesPaused"]["until"]

    with reverts_with("ConsentTokenUsesPaused", until):
        escrow.exchange.call(*made.arguments(), {"from": relayer})


def test_h014_reverts_when_the_order_is_too_late(escrow, relayer, sealed, mine_at, reverts_with):
    made = sealed()
    mine_at(made.order.fund_by + 1)

    with reverts_with("FeeEscrowOrderExpired", made.order.fund_by):
        escrow.exchange.call(*made.arguments(), {"from": relayer})


def test_reverts_when_the_fee_is_not_at_hand(escrow, consumer, relayer, sealed, reverts_with):
    made = sealed()
    escrow.announceWithdrawal(consumer, 1, {"from": consumer})

    with reverts_with("FeeEscrowPrepaidTooLow", consumer, made.order.fee - 1, made.order.fee):
        escrow.exchange.call(*made.arguments(), {"from": relayer})
