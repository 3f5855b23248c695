"""ExchangeBatches.exchangeBatch: many exchanges at once, each consent once, and every unit where it belongs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_utils.crypto import keccak

from consentry.client.batches import items_hash, merkle_root
from consentry.client.consents import ConsentFault
from consentry.client.exchanges import ExchangeState, Shares
from consentry.client.signing import TypedDomain
from tests.helpers.exchanges import NO_EXCHANGE
from tests.helpers.network import NOBODY

FEE_PARTS = Shares(2_400_000, 600_000, 600_000, 200_000, 200_000)
MOST_ITEMS = 500


def times(count):
    """Return what a number of exchanges at the packaged price bring."""
    return Shares(*(count * getattr(FEE_PARTS, name) for name in FEE_PARTS.__slots__))


def batch_id(words, made):
    """Return the id of a batch: its struct hash with a signer of zero."""
    return words.batches.signable("Batch", made.batch.message(made.items, NOBODY)).body


@pytest.fixture
def withdraw(system, words, relayer):
    """Withdraw a consent: a function of it."""

    def take_back(given):
        return system.consents.withdraw(
            given.sealed.arguments(), NO_EXCHANGE, words.sign_withdrawal(given), {"from": relayer}
        )

    return take_back


def skipped_in(tx):
    """Return which consents a batch passed over, and why."""
    skipped = tx.events["AllottedConsentSkipped"]
    return {bytes.fromhex(str(event["consentId"])[2:]): ConsentFault(event["fault"]) for event in skipped}


# ---------------------------------------------------------------- settled


def test_settles_every_item_when_both_signed_and_the_relayer_brings_it(
    system, batches, escrow, words, consumer, provider, coordinator, schema, purpose, relayer, made, credited
):
    batch = made(3)

    tx = batches.exchangeBatch(*batch.arguments(), {"from": relayer})

    ids = [item.opened.sealed().id(words.consents) for item in batch.items]
    root = "0x" + merkle_root(ids).hex()
    told = tx.events["BatchSettled"]
    assert tx.return_value == told["batchId"] == "0x" + batch_id(words, batch).hex()
    assert (told["consumer"], told["provider"], told["coordinator"]) == (consumer, provider, coordinator)
    assert (told["count"], told["fee"], told["root"]) == (3, words.fee, root)
    assert Shares.unpack(told["shares"]) == Shares(6_000, 1_500, 1_500, 500, 500)
    assert (told["schema"], told["purpose"]) == ("0x" + schema.hex(), "0x" + purpose.hex())
    assert (told["assurance"], told["scheduleVersion"]) == (3, 1)
    assert batches.batchRootOf(tx.return_value) == root
    for event, item, consent in zip(tx.events["BatchItemSettled"], batch.items, ids, strict=True):
        assert (event["batchId"], event["consent"]) == (tx.return_value, "0x" + consent.hex())
        assert event["nonce"] == item.opened.nonce
        assert event["recipientKeyHash"] == "0x" + item.recipient_key_hash.hex()
        assert event["ciphertextHash"] == "0x" + item.ciphertext_hash.hex()
        assert system.consents.isNonceSpent(consumer, item.opened.nonce)
    assert credited() == times(3)
    assert escrow.prepaidOf(consumer)[0] == 0
    assert system.credit.balanceOf(escrow) == 3 * words.fee


@pytest.mark.parametrize("party", ["consumer", "provider"])
def test_settles_when_a_party_brings_it_and_signs_nothing(batches, actors, made, credited, nobodys_word, party):
    batch = made(1, relayer=None)

    batches.exchangeBatch(*batch.arguments(**{f"{party}_word": nobodys_word}), {"from": actors[party]})

    assert credited() == FEE_PARTS


def test_settles_when_delegates_signed(
    system, batches, words, consumer, provider, relayer, unused_account, made, signer_of, credited
):
    delegates = {}
    for participant, kind in ((consumer, b"exchange"), (provider, b"delivery")):
        delegates[kind] = unused_account()
        arguments = (participant, kind.ljust(32, b"\0"), delegates[kind], 86_400)
        system.identities.addDelegate(*arguments, {"from": participant})
    batch = made(2)
    orders, delivers = (delegates[kind] for kind in (b"exchange", b"delivery"))
    sign = words.sign_batch

    batches.exchangeBatch(
        *batch.arguments(
            consumer_word=(orders, sign(batch.batch, batch.items, signer_of(orders))),
            provider_word=(delivers, sign(batch.batch, batch.items, signer_of(delivers))),
        ),
        {"from": relayer},
    )

    assert credited() == times(2)


def test_h095_settles_the_most_items_when_a_block_has_room(batches, relayer, made, credited, chain):
    batch = made(MOST_ITEMS)

    tx = batches.exchangeBatch(*batch.arguments(), {"from": relayer})

    assert tx.events["BatchSettled"]["count"] == MOST_ITEMS
    assert credited() == times(MOST_ITEMS)
    assert tx.gas_used < chain[-1].gasLimit // 2


# ---------------------------------------------------------------- passed over


def test_h059_passes_over_what_was_withdrawn_and_settles_the_rest(
    batches, escrow, words, consumer, relayer, give_allotted, withdraw, made, credited
):
    consents = [give_allotted() for _ in range(3)]
    batch = made(consents)
    withdraw(consents[1])

    tx = batches.exchangeBatch(*batch.arguments(), {"from": relayer})

    assert skipped_in(tx) == {consents[1].id: ConsentFault.WITHDRAWN}
    assert tx.events["BatchSettled"]["count"] == 2
    assert tx.events["BatchSettled"]["root"] == "0x" + merkle_root([consents[0].id, consents[2].id]).hex()
    assert credited() == times(2)
    assert escrow.prepaidOf(consumer)[0] == words.fee


def test_h062_passes_over_what_the_steps_used(
    escrow, batches, words, consumer, relayer, give_allotted, made, credited, signer_of
):
    used, fresh = give_allotted(), give_allotted()
    batch = made([used, fresh])
    order = words.order()
    signature = words.sign_order(order, used, signer_of(consumer))
    escrow.fund(used.opened.arguments(), order.arguments(), used.signature, signature, {"from": relayer})

    tx = batches.exchangeBatch(*batch.arguments(), {"from": relayer})

    assert skipped_in(tx) == {used.id: ConsentFault.EXHAUSTED}
    assert credited() == FEE_PARTS
    assert escrow.stateOf(used.id, 1)[0] == ExchangeState.FUNDED


def test_h062_refuses_the_steps_when_a_batch_used_the_consent(
    escrow, batches, words, consumer, relayer, give_allotted, made, reverts_with
):
    used = give_allotted()
    batches.exchangeBatch(*made([used]).arguments(), {"from": relayer})

    with reverts_with("ConsentTokenExhausted", used.id, 1):
        escrow.fund.call(
            used.opened.arguments(), words.order().arguments(), used.signature, b"", {"from": consumer}
        )


def test_passes_over_what_is_not_valid_now(batches, relayer, give_allotted, made, credited, chain, mine_at):
    now = chain[-1].timestamp
    early = give_allotted(valid_from=now + 2_000)
    late = give_allotted(valid_until=now + 600)
    fit = give_allotted()
    batch = made([early, late, fit])
    mine_at(now + 600)

    tx = batches.exchangeBatch(*batch.arguments(), {"from": relayer})

    assert skipped_in(tx) == {early.id: ConsentFault.NOT_YET_VALID, late.id: ConsentFault.EXPIRED}
    assert credited() == FEE_PARTS


def test_h062_uses_a_consent_once_when_it_stands_in_the_batch_twice(batches, relayer, give_allotted, made, credited):
    given = give_allotted()

    tx = batches.exchangeBatch(*made([given, given]).arguments(), {"from": relayer})

    assert skipped_in(tx) == {given.id: ConsentFault.EXHAUSTED}
    assert tx.events["BatchSettled"]["count"] == 1
    assert credited() == FEE_PARTS


def test_h062_uses_a_nonce_once_when_two_consents_carry_it(batches, relayer, give_allotted, made, credited):
    first, second = give_allotted(nonce=7), give_allotted(nonce=7)

    tx = batches.exchangeBatch(*made([first, second]).arguments(), {"from": relayer})

    assert skipped_in(tx) == {second.id: ConsentFault.EXHAUSTED}
    assert credited() == FEE_PARTS


# ---------------------------------------------------------------- refused whole


def test_a23_reverts_when_it_is_brought_twice(batches, words, consumer, relayer, prepay, made, credited, reverts_with):
    batch = made(2)
    batches.exchangeBatch(*batch.arguments(), {"from": relayer})
    prepay(consumer, 2 * words.fee)

    with reverts_with("ExchangeBatchesRepeated", batch_id(words, batch)):
        batches.exchangeBatch(*batch.arguments(), {"from": relayer})

    assert credited() == times(2)


def test_reverts_when_nothing_is_left_to_settle(batches, words, relayer, give_allotted, withdraw, made, reverts_with):
    given = give_allotted()
    batch = made([given])
    withdraw(given)

    with reverts_with("ExchangeBatchesEmpty", batch_id(words, batch)):
        batches.exchangeBatch.call(*batch.arguments(), {"from": relayer})


@pytest.mark.parametrize("count", [0, MOST_ITEMS + 1])
def test_h095_reverts_when_there_are_none_or_too_many(
    batches, consumer, made, nobodys_word, reverts_with, count
):
    batch = made(1)
    items = batch.items * count

    with reverts_with("ExchangeBatchesSizeInvalid", count, MOST_ITEMS):
        batches.exchangeBatch.call(
            *batch.arguments(items=items, consumer_word=nobodys_word, provider_word=nobodys_word), {"from": consumer}
        )


def test_h027_reverts_when_one_subject_did_not_sign(
    batches, words, relayer, give_allotted, made, fresh_subject, reverts_with
):
    good, bad = give_allotted(), give_allotted()
    forged = words.given(bad.opened, fresh_subject())
    batch = made([good, forged])

    with reverts_with("ConsentTokenSignatureInvalid", bad.id, bad.opened.subject):
        batches.exchangeBatch.call(*batch.arguments(), {"from": relayer})


def test_h005_h007_reverts_when_one_signature_is_malformed(batches, relayer, give_allotted, made, reverts_with):
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    given = give_allotted()
    r, s, v = given.signature[:32], int.from_bytes(given.signature[32:64], "big"), given.signature[64]
    high = r + (order - s).to_bytes(32, "big") + bytes([55 - v])

    for wrong in (high, *(given.signature[:64] + bytes([v]) for v in (0, 1, 29, 255))):
        with reverts_with("ConsentTokenSignatureInvalid", given.id, given.opened.subject):
            batches.exchangeBatch.call(*made([replace(given, signature=wrong)]).arguments(), {"from": relayer})


@pytest.mark.parametrize("difference", ["consumer", "provider", "schema", "purpose", "assurance"])
def test_h057_reverts_when_the_consent_was_given_for_something_else(
    batches, words, actors, relayer, give_allotted, made, reverts_with, difference
):
    other = {
        "consumer": actors["stranger"],
        "provider": actors["stranger"],
        "schema": keccak(text="another schema"),
        "purpose": keccak(text="another purpose"),
        "assurance": 1,
    }[difference]
    given = give_allotted(**{difference: other})

    with reverts_with("ConsentTokenSignatureInvalid", ..., given.opened.subject):
        batches.exchangeBatch.call(*made([given]).arguments(), {"from": relayer})


def test_reverts_when_a_window_makes_no_sense(batches, relayer, give_allotted, made, chain, reverts_with):
    now = chain[-1].timestamp
    for changes in ({"valid_from": now, "valid_until": now}, {"erase_by": now + 3_599}):
        given = give_allotted(**changes)
        window = (given.opened.valid_from, given.opened.valid_until, given.opened.erase_by)
        with reverts_with("ConsentTokenWindowInvalid", *window):
            batches.exchangeBatch.call(*made([given]).arguments(), {"from": relayer})


@pytest.mark.parametrize("party", ["consumer", "provider"])
def test_h018_reverts_when_an_institution_signed_another_batch(
    batches, words, actors, relayer, made, signer_of, reverts_with, party
):
    batch = made(2)
    key = signer_of(actors[party])
    digest = words.batches.digest("Batch", batch.batch.message(batch.items, actors[party].address))
    for other, items in (
        (replace(batch.batch, fee=1), batch.items),
        (replace(batch.batch, relayer=actors["stranger"].address), batch.items),
        (replace(batch.batch, nonce=0), batch.items),
        (batch.batch, batch.items[::-1]),
        (batch.batch, (replace(batch.items[0], ciphertext_hash=keccak(text="another")), batch.items[1])),
    ):
        word = (actors[party], words.sign_batch(other, items, key))
        with reverts_with("ExchangeBatchesSignatureInvalid", actors[party], digest):
            batches.exchangeBatch.call(*batch.arguments(**{f"{party}_word": word}), {"from": relayer})


@pytest.mark.parametrize("difference", ["contract", "chain_id"])
def test_h002_h003_reverts_when_signed_for_another_contract_or_chain(
    system, batches, words, provider, relayer, made, signer_of, reverts_with, difference
):
    batch = made(1)
    elsewhere = {"contract": system.escrow.address, "chain_id": words.batches.chain_id + 1}[difference]
    domain: TypedDomain = replace(words.batches, **{difference: elsewhere})
    message = batch.batch.message(batch.items, provider.address)
    word = (provider, domain.sign(signer_of(provider), "Batch", message))

    with reverts_with("ExchangeBatchesSignatureInvalid", provider, words.batches.digest("Batch", message)):
        batches.exchangeBatch.call(*batch.arguments(provider_word=word), {"from": relayer})


def test_reverts_when_the_signer_is_nobody_of_the_institution(
    batches, words, actors, consumer, provider, relayer, made, signer_of, reverts_with
):
    batch, stranger = made(1), actors["stranger"]
    word = (stranger, words.sign_batch(batch.batch, batch.items, signer_of(stranger)))

    for party, kind, name in ((consumer, b"exchange", "consumer_word"), (provider, b"delivery", "provider_word")):
        with reverts_with("IdentityRegistryNotActor", party, kind, stranger):
            batches.exchangeBatch.call(*batch.arguments(**{name: word}), {"from": relayer})


def test_reverts_when_somebody_else_brings_it(batches, actors, relayer, made, reverts_with):
    batch, alone = made(1), made(1, relayer=None)

    for role in ("stranger", "coordinator", "founder"):
        with reverts_with("ExchangeBatchesNotRelayer", relayer, actors[role]):
            batches.exchangeBatch.call(*batch.arguments(), {"from": actors[role]})
    with reverts_with("ExchangeBatchesNotRelayer", NOBODY, relayer):
        batches.exchangeBatch.call(*alone.arguments(), {"from": relayer})


@pytest.mark.parametrize("field", ["recipient_key_hash", "ciphertext_hash"])
def test_h109_reverts_when_an_item_says_nothing(
    batches, words, relayer, give_allotted, consumer, prepay, signed_batch, reverts_with, field
):
    given = give_allotted()
    prepay(consumer, words.fee)
    batch = signed_batch(words.batch(relayer=relayer), [words.item(given, **{field: bytes(32)})])
    error = {
        "recipient_key_hash": "ExchangeBatchesRecipientKeyMissing",
        "ciphertext_hash": "ExchangeBatchesCiphertextHashMissing",
    }[field]

    with reverts_with(error, given.id):
        batches.exchangeBatch.call(*batch.arguments(), {"from": relayer})


def test_h014_reverts_when_the_deadline_is_over_or_too_far(
    system, batches, relayer, made, chain, mine_at, reverts_with
):
    batch = made(1)
    far = chain[-1].timestamp + system.parameters.exchange.order_life_seconds + 3_600
    with reverts_with("FeeEscrowOrderTooLong", far, ...):
        batches.exchangeBatch.call(*made(1, deadline=far).arguments(), {"from": relayer})
    mine_at(batch.batch.deadline + 1)
    with reverts_with("FeeEscrowOrderExpired", batch.batch.deadline):
        batches.exchangeBatch.call(*batch.arguments(), {"from": relayer})


@pytest.mark.parametrize("role", ["consumer", "provider", "coordinator"])
def test_h030_reverts_when_a_party_is_not_active(batches, actors, relayer, made, bring_to, reverts_with, role):
    batch = made(1)
    bring_to(actors[role], "suspended")
    error = {
        "consumer": "ConsentTokenConsumerNotActive",
        "provider": "ConsentTokenProviderNotActive",
        "coordinator": "FeeEscrowCoordinatorInvalid",
    }[role]

    with reverts_with(error, actors[role]):
        batches.exchangeBatch.call(*batch.arguments(), {"from": relayer})


def test_reverts_when_the_consumer_coordinates(system, batches, council, consumer, relayer, made, reverts_with):
    system.identities.setRoles(consumer, 0b101, {"from": council})

    with reverts_with("FeeEscrowCoordinatorInvalid", consumer):
        batches.exchangeBatch.call(*made(1, coordinator=consumer).arguments(), {"from": relayer})


def test_h115_reverts_when_uses_are_paused(system, batches, guardian, relayer, made, reverts_with):
    batch = made(1)
    until = system.consents.pauseUses({"from": guardian}).events["UsesPaused"]["until"]

    with reverts_with("ConsentTokenUsesPaused", until):
        batches.exchangeBatch.call(*batch.arguments(), {"from": relayer})


def test_reverts_when_the_fee_is_another(batches, words, relayer, made, reverts_with):
    with reverts_with("FeeEscrowFeeMismatch", words.fee + 1, words.fee):
        batches.exchangeBatch.call(*made(1, fee=words.fee + 1).arguments(), {"from": relayer})


def test_reverts_when_the_fees_are_not_at_hand(escrow, batches, words, consumer, relayer, made, reverts_with):
    batch = made(3)
    escrow.announceWithdrawal(consumer, 1, {"from": consumer})

    with reverts_with("FeeEscrowPrepaidTooLow", consumer, 3 * words.fee - 1, 3 * words.fee):
        batches.exchangeBatch.call(*batch.arguments(), {"from": relayer})


def test_the_signed_hash_is_that_of_every_word_when_items_are_hashed(batches, words, made):
    batch = made(2)
    words_of_items = b"".join(
        bytes.fromhex(item.opened.subject[2:]).rjust(32, b"\0")
        + item.opened.seed
        + item.opened.terms
        + item.arguments()[3].to_bytes(32, "big")
        + item.recipient_key_hash
        + item.ciphertext_hash
        + item.signature[:64]
        for item in batch.items
    )

    assert items_hash(batch.items) == keccak(words_of_items)
