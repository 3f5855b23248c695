"""Batches and exchanges in one transaction, as an institution's backend calls them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_utils.crypto import keccak

from consentry.client.batches import Batch, BatchId, BatchItem, SettledItem, merkle_proof, merkle_root
from consentry.client.consents import ALLOTTED_NONCES, ConsentFault
from consentry.client.errors import (
    ArgumentInvalid,
    ConsentRefused,
    ConsentTokenExhausted,
    ExchangeBatchesRepeated,
    ExchangeRefused,
)
from consentry.client.exchanges import ExchangeState
from consentry.demo.cast import BANK, RENTAL_AGENCY, STRANGER

AGENCY = RENTAL_AGENCY.identity


@pytest.fixture
def ahead(parties):
    """Let a person consent, and the bank deliver before anything is funded: a function of the nonce, if one was
    allotted, that returns the request, the consent and the delivery."""

    async def deliver(nonce=None):
        request = await parties.request()
        shown = await parties.wallet.show(request)
        given = await parties.wallet.consent(shown, BANK.identity, BANK.name, nonce=nonce)
        await parties.present(request, given)
        consent_id = given.opened.sealed().id(parties.network.consents.domain)
        return request, given, await parties.provider.deliver_ahead(consent_id)

    return deliver


@pytest.fixture
def batch_of(parties, ahead):
    """Make a batch of delivered exchanges: a function of the allotted nonces that returns its consents, and what
    `exchange_batch` takes."""

    async def make(*nonces):
        network, given, items = parties.network, [], []
        for nonce in nonces:
            request, consent, delivered = await ahead(nonce)
            given.append(consent)
            key_hash, ciphertext_hash = delivered.recipient_key_hash, delivered.ciphertext_hash
            items.append(BatchItem(consent.opened, consent.signature, key_hash, ciphertext_hash))
        batch = Batch.of(
            items,
            coordinator=BANK.identity,
            schedule_version=request.request.schedule_version,
            fee=request.request.fee,
            relayer=STRANGER.address,
            deadline=await network.now() + 600,
            nonce=1,
        )
        words = [(one.identity, network.batches.sign(batch, items, one.key)) for one in (RENTAL_AGENCY, BANK)]
        return given, (batch, items, *words, STRANGER)

    return make


# ------------------------------------------------------------- batches


@pytest.mark.asyncio
async def test_settles_a_batch_and_tells_what_it_settled(parties, batch_of):
    network = parties.network
    _, arguments = await batch_of(5, 6, 7)
    batch, items, *_ = arguments
    before = await network.exchanges.prepaid_of(AGENCY)

    settled, mined = await network.batches.exchange_batch(*arguments)

    ids = [item.opened.sealed().id(network.consents.domain) for item in items]
    assert (settled.count, settled.fee, settled.root) == (3, batch.fee, merkle_root(ids))
    assert await network.batches.root_of(settled.id) == settled.root
    assert await network.batches.settled() == (settled,)
    assert await network.batches.items_of(settled.id) == tuple(
        SettledItem(consent, item.opened.nonce, item.recipient_key_hash, item.ciphertext_hash)
        for consent, item in zip(ids, items, strict=True)
    )
    assert network.batches.skipped_in(mined) == ()
    assert (await network.exchanges.prepaid_of(AGENCY)).balance == before.balance - 3 * batch.fee
    with pytest.raises(ExchangeBatchesRepeated):
        await network.batches.exchange_batch(*arguments)


@pytest.mark.asyncio
async def test_h059_passes_over_what_was_withdrawn(parties, batch_of):
    network = parties.network
    given, arguments = await batch_of(8, 9)
    await parties.coordinator.withdraw(given[0].opened.sealed(), None, parties.wallet.withdrawal(given[0]))

    settled, mined = await network.batches.exchange_batch(*arguments)

    assert settled.count == 1
    (skipped,) = network.batches.skipped_in(mined)
    assert (skipped.nonce, skipped.fault) == (8, ConsentFault.WITHDRAWN)


@pytest.mark.asyncio
async def test_makes_no_batch_of_items_that_do_not_go_together(parties, ahead):
    _, given, _ = await ahead(11)
    item = BatchItem(given.opened, given.signature, bytes(32), bytes(32))
    rest = {"coordinator": BANK.identity, "schedule_version": 1, "fee": 1, "relayer": None, "deadline": 1, "nonce": 1}
    nobody = STRANGER.address
    others = ({"consumer": nobody}, {"provider": nobody}, {"schema": bytes(32)}, {"purpose": bytes(32)})

    assert Batch.of([item, item], **rest).consumer == AGENCY
    for other in ([], *([item, replace(item, opened=replace(given.opened, **changes))] for changes in others)):
        with pytest.raises(ArgumentInvalid, match="same parties, schema, purpose and level"):
            Batch.of(other, **rest)


@pytest.mark.asyncio
async def test_knows_no_batch_that_never_was(network):
    assert await network.batches.root_of(BatchId(keccak(text="no batch"))) is None
    assert await network.batches.items_of(BatchId(keccak(text="no batch"))) == ()


@pytest.mark.asyncio
async def test_refuses_an_item_that_cannot_be_batched(parties, ahead):
    _, given, _ = await ahead(10)
    nothing = bytes(32)

    for opened in (replace(given.opened, max_uses=2), replace(given.opened, nonce=ALLOTTED_NONCES)):
        with pytest.raises(ArgumentInvalid, match="for one use and has a nonce that its consumer allotted"):
            BatchItem(opened, given.signature, nothing, nothing)
    with pytest.raises(ArgumentInvalid, match="65 bytes, not 64"):
        BatchItem(given.opened, given.signature[:64], nothing, nothing)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13])
def test_h048_proves_every_leaf_of_a_tree_and_no_other(count):
    leaves = [keccak(text=f"consent {number}") for number in range(count)]
    root = merkle_root(leaves)

    for leaf in leaves:
        node = leaf
        for neighbour in merkle_proof(leaves, leaf):
            node = keccak(min(node, neighbour) + max(node, neighbour))
        assert node == root
    with pytest.raises(ArgumentInvalid, match="did not use this consent"):
        merkle_proof(leaves, root + b"1")


# ------------------------------------------------------------- one transaction


@pytest.fixture
def at_once(parties, ahead):
    """Make what `exchange` takes: a function that returns the exchange, the consent, the delivery and the arguments."""

    async def make():
        network, exchanges = parties.network, parties.network.exchanges
        request, given, delivered = await ahead()
        signed = await parties.consumer.order(request, given)
        consumer = await network.identities.participant(AGENCY)
        provider = await network.identities.participant(BANK.identity)
        terms = request.request.terms
        version = signed.order.schedule_version
        quote = await network.fees.quote(version, terms.schema_id, request.request.assurance, consumer, provider)
        exchange = signed.order.exchange(given.opened, delivered.consent, 1, quote.shares)
        delivery = (BANK.identity, exchanges.sign_delivery(exchange, delivered.ciphertext_hash, BANK.key))
        acceptance = (AGENCY, exchanges.sign_acceptance(exchange, delivered.ciphertext_hash, RENTAL_AGENCY.key))
        words = (given.opened, signed.order, given.signature, signed.signature, delivered.ciphertext_hash, delivery)
        return exchange, given, delivered, (*words, acceptance, STRANGER)

    return make


@pytest.mark.asyncio
async def test_settles_in_one_transaction_what_was_verified_before(parties, at_once):
    exchange, given, delivered, arguments = await at_once()
    credential = await parties.consumer.open_ahead(given, delivered)

    funding, delivery, _ = await parties.network.exchanges.exchange(*arguments)

    assert funding.exchange == exchange
    assert delivery.ciphertext_hash == delivered.ciphertext_hash
    assert set(credential.claims) == set(given.record.request.attributes)
    assert (await parties.network.exchanges.state_of(exchange))[0] is ExchangeState.SETTLED
    with pytest.raises(ConsentTokenExhausted):
        await parties.network.exchanges.exchange(*arguments)


@pytest.mark.asyncio
async def test_waits_for_an_acceptance_that_is_not_there_yet(parties, at_once):
    exchange, _, _, arguments = await at_once()

    await parties.network.exchanges.exchange(*arguments[:-2], None, STRANGER)

    assert (await parties.network.exchanges.state_of(exchange))[0] is ExchangeState.DELIVERED
    await parties.coordinator.accept(await parties.consumer.acceptance(exchange))
    assert (await parties.network.exchanges.state_of(exchange))[0] is ExchangeState.SETTLED


@pytest.mark.asyncio
async def test_opens_nothing_ahead_that_is_for_somebody_else(parties, ahead):
    _, given, delivered = await ahead()
    _, other, _ = await ahead()

    with pytest.raises(ExchangeRefused, match="another consent"):
        await parties.consumer.open_ahead(given, replace(delivered, consent=keccak(text="another")))
    with pytest.raises(ExchangeRefused, match="not for a request of this consumer"):
        await parties.consumer.open_ahead(given, replace(delivered, recipient_key_hash=keccak(text="another")))
    with pytest.raises(ConsentRefused):
        await parties.consumer.open_ahead(other, delivered)


@pytest.mark.asyncio
async def test_delivers_nothing_ahead_that_nobody_presented(parties):
    await parties.open_bank()

    with pytest.raises(ConsentRefused, match="no authenticated person presented that consent"):
        await parties.provider.deliver_ahead(keccak(text="a consent"))
