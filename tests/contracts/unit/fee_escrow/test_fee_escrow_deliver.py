"""FeeEscrow.deliver: the provider's word, in time, for exactly what was funded."""

from dataclasses import replace

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from consentry.client.exchanges import Delivery, ExchangeState
from tests.helpers.exchanges import EXCHANGE_TYPES, NO_EXCHANGE
from tests.helpers.network import NOBODY
from tests.helpers.running import CIPHERTEXT_HASH


@pytest.fixture
def signed(words, signer_of, provider):
    """Sign the delivery of an exchange as the provider: a function of the exchange."""
    return lambda running: words.sign_delivery(running.exchange, CIPHERTEXT_HASH, signer_of(provider))


@pytest.fixture
def digest_of(words, provider):
    """What is signed to deliver an exchange: a function of it and of the signer, if that is not the provider."""

    def digest(running, signer=provider):
        message = {
            "exchange": running.id,
            "ciphertextHash": CIPHERTEXT_HASH,
            "recipientKeyHash": running.exchange.recipient_key_hash,
            "coordinator": running.exchange.coordinator,
            "signer": signer.address,
        }
        return words.exchanges.digest("Delivery", message)

    return digest


def test_commits_to_the_ciphertext_when_the_providers_word_is_relayed(
    escrow, consumer, provider, relayer, run_funded, signed
):
    running = run_funded()

    tx = escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, signed(running), {"from": relayer})

    instant = tx.timestamp
    described = running.exchange.arguments(Delivery(CIPHERTEXT_HASH, instant))
    delivered = keccak(encode([*EXCHANGE_TYPES, "uint48"], [*described, instant]))
    assert escrow.slotOf(running.id) == "0x" + (delivered[:31] + bytes([ExchangeState.DELIVERED])).hex()
    assert tuple(escrow.stateOf(*running.used)) == (ExchangeState.DELIVERED, 0)
    assert not escrow.isFunded(running.id)
    event = tx.events["ExchangeDelivered"]
    assert event["exchangeId"] == "0x" + running.id.hex()
    assert (event["ciphertextHash"], event["deliveredAt"]) == ("0x" + CIPHERTEXT_HASH.hex(), tx.timestamp)
    assert escrow.prepaidOf(consumer)[0] == escrow.earnedOf(provider) == 0


def test_commits_to_the_ciphertext_when_the_provider_calls(escrow, provider, run_funded):
    running = run_funded()

    escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})

    assert escrow.stateOf(*running.used)[0] == ExchangeState.DELIVERED


def test_commits_to_the_ciphertext_when_no_signer_is_named(
    escrow, words, provider, relayer, run_funded, rotate_owner, signer_of, reverts_with
):
    running, later = run_funded(), run_funded()
    signatures = [words.sign_delivery(one.exchange, CIPHERTEXT_HASH, signer_of(provider)) for one in (running, later)]

    escrow.deliver(*running.description(), CIPHERTEXT_HASH, NOBODY, signatures[0], {"from": relayer})

    assert escrow.stateOf(*running.used)[0] == ExchangeState.DELIVERED
    rotate_owner(provider)
    with reverts_with("IdentityRegistryNotActor", provider, b"delivery", provider):
        escrow.deliver.call(*later.description(), CIPHERTEXT_HASH, NOBODY, signatures[1], {"from": relayer})


def test_commits_to_the_ciphertext_when_the_delegate_speaks(
    escrow, words, provider, relayer, run_funded, delegates_of, signer_of
):
    called, relayed = run_funded(), run_funded()
    delegate = delegates_of(provider)["delivery"]
    signature = words.sign_delivery(relayed.exchange, CIPHERTEXT_HASH, signer_of(delegate))

    escrow.deliver(*called.description(), CIPHERTEXT_HASH, delegate, b"", {"from": delegate})
    escrow.deliver(*relayed.description(), CIPHERTEXT_HASH, delegate, signature, {"from": relayer})

    assert [escrow.stateOf(*running.used)[0] for running in (called, relayed)] == [ExchangeState.DELIVERED] * 2


def test_commits_to_the_ciphertext_when_the_owner_is_a_contract(
    escrow, words, provider, relayer, run_funded, wallet_for, signer_of
):
    running = run_funded()
    wallet, owner = wallet_for(provider)
    signature = words.sign_delivery(running.exchange, CIPHERTEXT_HASH, signer_of(owner), wallet)

    escrow.deliver(*running.description(), CIPHERTEXT_HASH, wallet, signature, {"from": relayer})

    assert escrow.stateOf(*running.used)[0] == ExchangeState.DELIVERED


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h087_commits_to_the_ciphertext_when_the_parties_are_no_longer_active(
    escrow, actors, provider, relayer, run_funded, signed, bring_to, standing
):
    running = run_funded()
    for role in ("consumer", "provider", "coordinator"):
        bring_to(actors[role], standing)

    escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, signed(running), {"from": relayer})

    assert escrow.stateOf(*running.used)[0] == ExchangeState.DELIVERED


def test_h086_commits_to_the_ciphertext_when_the_consent_has_expired(
    escrow, provider, relayer, run_funded, signed, travel_to
):
    running = run_funded()
    travel_to(running.funded.given.opened.valid_until)

    escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, signed(running), {"from": relayer})

    assert escrow.stateOf(*running.used)[0] == ExchangeState.DELIVERED


def test_h115_commits_to_the_ciphertext_when_everything_is_paused(
    system, escrow, guardian, provider, relayer, run_funded, signed
):
    running = run_funded()
    system.consents.pauseUses({"from": guardian})
    system.consents.pauseGrants({"from": guardian})
    system.identities.pauseAdmissions({"from": guardian})

    escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, signed(running), {"from": relayer})

    assert escrow.stateOf(*running.used)[0] == ExchangeState.DELIVERED


def test_h109_commits_to_the_ciphertext_when_its_hash_was_committed_to_before(escrow, provider, run_funded):
    first, second = run_funded(), run_funded()

    for running in (first, second):
        escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})

    assert escrow.stateOf(*second.used)[0] == ExchangeState.DELIVERED
    assert escrow.slotOf(first.id) != escrow.slotOf(second.id)


def test_h109_reverts_when_the_hash_is_zero(escrow, provider, run_funded, reverts_with):
    running = run_funded()

    with reverts_with("FeeEscrowCiphertextHashMissing", running.id):
        escrow.deliver.call(*running.description(), bytes(32), provider, b"", {"from": provider})


def test_h014_commits_to_the_ciphertext_when_it_is_the_last_second(escrow, provider, run_funded, travel_to):
    running = run_funded()
    travel_to(running.exchange.deliver_by)

    tx = escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})

    assert tx.timestamp == running.exchange.deliver_by


def test_h014_reverts_when_the_deadline_is_over(escrow, provider, run_funded, travel_to, reverts_with):
    running = run_funded()
    travel_to(running.exchange.deliver_by + 1)

    with reverts_with("FeeEscrowDeliveryTooLate", running.id, running.exchange.deliver_by):
        escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})


def test_h108_reverts_when_the_exchange_was_never_funded(escrow, provider, run_to, reverts_with):
    running = run_to(ExchangeState.NONE)

    with reverts_with("FeeEscrowStateInvalid", running.id, ExchangeState.NONE):
        escrow.deliver.call(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})


def test_h108_reverts_when_it_is_delivered_twice(escrow, provider, relayer, run_funded, signed, reverts_with):
    running = run_funded()
    arguments = (*running.description(), CIPHERTEXT_HASH, provider, signed(running))
    escrow.deliver(*arguments, {"from": relayer})
    slot = escrow.slotOf(running.id)

    with reverts_with("FeeEscrowStateInvalid", running.id, ExchangeState.DELIVERED):
        escrow.deliver(*arguments, {"from": relayer})

    assert escrow.slotOf(running.id) == slot


@pytest.mark.parametrize("described", [True, False])
def test_h086_reverts_when_the_consent_was_withdrawn(
    system, escrow, words, provider, relayer, run_funded, reverts_with, described
):
    running = run_funded()
    given = running.funded.given
    exchange = running.exchange.arguments() if described else NO_EXCHANGE
    withdrawal = words.sign_withdrawal(given)
    system.consents.withdraw(given.sealed.arguments(), exchange, withdrawal, {"from": relayer})

    state = ExchangeState.REFUNDED if described else ExchangeState.REFUND_DUE
    with reverts_with("FeeEscrowStateInvalid", running.id, state):
        escrow.deliver.call(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})


def test_h108_reverts_when_the_caller_is_another_party(
    escrow, actors, run_funded, reverts_with
):
    running = run_funded()

    for role in ("consumer", "coordinator", "founder", "stranger"):
        caller = actors[role]
        with reverts_with("IdentityRegistryNotActor", running.exchange.provider, b"delivery", caller):
            escrow.deliver.call(*running.description(), CIPHERTEXT_HASH, caller, b"", {"from": caller})


def test_reverts_when_the_signer_is_a_delegate_of_another_kind(
    escrow, provider, run_funded, delegates_of, reverts_with
):
    running = run_funded()
    delegates = delegates_of(provider)

    for kind in ("exchange", "deposit", "sigAuth"):
        delegate = delegates[kind]
        with reverts_with("IdentityRegistryNotActor", provider, b"delivery", delegate):
            escrow.deliver.call(*running.description(), CIPHERTEXT_HASH, delegate, b"", {"from": delegate})


def test_reverts_when_the_identity_is_deactivated(system, escrow, provider, run_funded, reverts_with):
    running = run_funded()
    system.identities.deactivate(provider, {"from": provider})

    with reverts_with("IdentityRegistryNotActor", provider, b"delivery", provider):
        escrow.deliver.call(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})


def test_h108_reverts_when_the_signature_is_for_another_exchange(
    escrow, provider, relayer, run_funded, signed, digest_of, reverts_with
):
    running, other = run_funded(), run_funded()

    with reverts_with("FeeEscrowSignatureInvalid", provider, digest_of(running)):
        escrow.deliver.call(*running.description(), CIPHERTEXT_HASH, provider, signed(other), {"from": relayer})


def test_h018_reverts_when_the_relayer_changes_the_ciphertext(
    escrow, words, provider, relayer, run_funded, signer_of, digest_of, reverts_with
):
    running = run_funded()
    signature = words.sign_delivery(running.exchange, keccak(text="what the provider sent"), signer_of(provider))

    with reverts_with("FeeEscrowSignatureInvalid", provider, digest_of(running)):
        escrow.deliver.call(*running.description(), CIPHERTEXT_HASH, provider, signature, {"from": relayer})


@pytest.mark.parametrize("field", ["recipient_key_hash", "coordinator"])
def test_reverts_when_the_provider_signed_for_another_key_or_coordinator(
    escrow, words, provider, relayer, stranger, run_funded, signer_of, digest_of, reverts_with, field
):
    running = run_funded()
    other = {"recipient_key_hash": keccak(text="another key"), "coordinator": stranger.address}[field]
    elsewhere = replace(running.exchange, **{field: other})
    signature = words.sign_delivery(elsewhere, CIPHERTEXT_HASH, signer_of(provider))

    with reverts_with("FeeEscrowSignatureInvalid", provider, digest_of(running)):
        escrow.deliver.call(*running.description(), CIPHERTEXT_HASH, provider, signature, {"from": relayer})


def test_h005_h006_h007_reverts_when_the_signature_is_malformed(
    escrow, provider, relayer, run_funded, signed, digest_of, malformed, reverts_with
):
    running = run_funded()

    for wrong in malformed(signed(running)).values():
        with reverts_with("FeeEscrowSignatureInvalid", provider, digest_of(running)):
            escrow.deliver.call(*running.description(), CIPHERTEXT_HASH, provider, wrong, {"from": relayer})


@pytest.mark.parametrize("difference", ["contract", "chain_id"])
def test_h002_h003_reverts_when_signed_for_another_escrow_or_chain(
    system, escrow, words, provider, relayer, run_funded, signer_of, digest_of, reverts_with, difference
):
    running = run_funded()
    elsewhere = {"contract": system.consents.address, "chain_id": words.exchanges.chain_id + 1}[difference]
    domain = replace(words.exchanges, **{difference: elsewhere})
    message = {
        "exchange": running.id,
        "ciphertextHash": CIPHERTEXT_HASH,
        "recipientKeyHash": running.exchange.recipient_key_hash,
        "coordinator": running.exchange.coordinator,
        "signer": provider.address,
    }
    signature = domain.sign(signer_of(provider), "Delivery", message)

    with reverts_with("FeeEscrowSignatureInvalid", provider, digest_of(running)):
        escrow.deliver.call(*running.description(), CIPHERTEXT_HASH, provider, signature, {"from": relayer})


def test_reverts_when_the_exchange_is_described_otherwise(escrow, provider, run_funded, altered, reverts_with):
    running = run_funded()
    parties = ("consumer", "provider", "coordinator")

    for field in (*parties, "recipient_key_hash", "fee", "shares", "deliver_by", "challenge_seconds"):
        with reverts_with("FeeEscrowExchangeMismatch", running.id):
            escrow.deliver.call(altered(running, field), CIPHERTEXT_HASH, provider, b"", {"from": provider})


def test_h108_reverts_when_another_exchange_is_described(escrow, provider, run_funded, altered, reverts_with):
    running = run_funded()

    for field in ("consent", "use"):
        other = altered(running, field)
        with reverts_with("FeeEscrowStateInvalid", other[0], ExchangeState.NONE):
            escrow.deliver.call(other, CIPHERTEXT_HASH, provider, b"", {"from": provider})
