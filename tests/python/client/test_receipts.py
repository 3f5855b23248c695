"""Receipts: made of a consent and the chain, and believed only where the chain bears them out."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from eth_utils.crypto import keccak

from consentry.client import GivenConsent, Network, Wallet, make_receipt, verify_receipt
from consentry.client.errors import ChainUnreachable, ConsentryError, NodeFailed, ReceiptRefused, WrongChain
from consentry.client.exchanges import ExchangeId
from consentry.demo.cast import BANK, SECOND_BANK, STRANGER
from consentry.devchain import start_chain
from consentry.records import (
    ChainStep,
    ConsentState,
    EndCause,
    ExchangeOutcome,
    RecordError,
    hex_hash,
    parse_address,
    terms_hash,
)
from tests.python.client.conftest import SEED
from tests.python.client.relay import refusal

pytestmark = pytest.mark.asyncio

REASON = keccak(text="reason")


@pytest.fixture
def believed(chain):
    """Check a receipt as a third party does."""

    async def check(receipt):
        return await verify_receipt(receipt.to_bytes(), chain.rpc_url)

    return check


# ------------------------------------------------------------- true ones


async def test_is_true_at_every_stage_of_an_exchange(parties, believed):
    network, coordinator = parties.network, parties.coordinator
    _, given, exchange = await parties.funded()
    funded = await make_receipt(network, given, exchange.id)
    assert (await believed(funded)).receipt == funded
    assert (funded.exchange.outcome, funded.exchange.delivered_at) == (ExchangeOutcome.FUNDED, None)

    delivery, _ = await coordinator.deliver(await parties.provider.prepare(exchange))
    delivered = await make_receipt(network, given, exchange.id)
    await believed(delivered)
    assert delivered.exchange.outcome is ExchangeOutcome.DELIVERED
    assert delivered.exchange.ciphertext_hash == hex_hash(delivery.ciphertext_hash)
    with pytest.raises(ReceiptRefused, match="if it has moved on, make a new receipt"):
        await believed(funded)

    await coordinator.accept(await parties.consumer.acceptance(exchange))
    settled = await make_receipt(network, given, exchange.id)
    verified = await believed(settled)
    assert (verified.receipt, verified.withdrawn_at) == (settled, None)
    facts = settled.exchange
    assert (facts.outcome, facts.cause, facts.fee) == (ExchangeOutcome.SETTLED, EndCause.ACCEPTED, exchange.fee)
    assert facts.consumer_recruiter is not None
    assert facts.provider_recruiter is None
    assert facts.funded.block_number < facts.delivered.block_number < facts.ended.block_number


async def test_is_true_of_a_consent_that_was_never_used(parties, believed):
    given = await parties.consent(await parties.request())

    unused = await make_receipt(parties.network, given, None)
    assert (await believed(unused)).receipt.exchange is None

    await parties.coordinator.withdraw(given.opened.sealed(), None, parties.wallet.withdrawal(given))
    withdrawn = await make_receipt(parties.network, given, None)
    verified = await believed(withdrawn)
    assert withdrawn.record.state is ConsentState.WITHDRAWN
    assert verified.withdrawn_at == await parties.network.now() == withdrawn.record.events[-1].indicated_at
    # The older one is still true, and whoever checks it learns of the withdrawal.
    assert (await believed(unused)).withdrawn_at == verified.withdrawn_at


async def test_is_true_of_every_way_to_be_refunded(parties, believed, mine_at, undone):
    _, given, exchange = await parties.funded(deliver_within_seconds=3_600)

    async def outcome():
        receipt = await make_receipt(parties.network, given, exchange.id)
        await believed(receipt)
        return receipt.exchange.outcome, receipt.exchange.cause

    with undone():
        await parties.coordinator.decline(await parties.provider.decline(exchange, REASON))
        assert await outcome() == (ExchangeOutcome.REFUNDED, EndCause.DECLINED)
    with undone():
        await parties.coordinator.withdraw(given.opened.sealed(), exchange, parties.wallet.withdrawal(given))
        assert await outcome() == (ExchangeOutcome.REFUNDED, EndCause.CONSENT_WITHDRAWN)
    with undone():
        await parties.coordinator.withdraw(given.opened.sealed(), None, parties.wallet.withdrawal(given))
        assert await outcome() == (ExchangeOutcome.REFUND_DUE, None)
    with undone():
        mine_at(exchange.deliver_by + 1)
        await parties.coordinator.refund_undelivered(exchange)
        assert await outcome() == (ExchangeOutcome.REFUNDED, EndCause.NOT_DELIVERED)


async def test_is_true_of_disputes_and_silence(parties, believed, mine_at, undone):
    delivered = await parties.delivered(challenge_seconds=3_600)
    exchange, delivery = delivered.exchange, delivered.delivery

    async def outcome():
        receipt = await make_receipt(parties.network, delivered.given, exchange.id)
        await believed(receipt)
        return receipt.exchange.outcome, receipt.exchange.cause

    with undone():
        mine_at(delivery.delivered_at + 3_601)
        await parties.coordinator.settle_unchallenged(exchange, delivery)
        assert await outcome() == (ExchangeOutcome.SETTLED, EndCause.CHALLENGE_WINDOW_ENDED)
    dispute, _ = await parties.coordinator.dispute(await parties.consumer.dispute(exchange, REASON))
    assert await outcome() == (ExchangeOutcome.DISPUTED, None)
    with undone():
        mine_at((await parties.network.disputes.deadlines_of(dispute)).evidence_until + 1)
        await parties.network.disputes.execute(exchange, delivery, dispute, STRANGER)
        assert await outcome() == (ExchangeOutcome.RESOLVED, EndCause.DISPUTE_RESOLVED)
        assert (await make_receipt(parties.network, delivered.given, exchange.id)).exchange.provider_bps == 0
    await parties.network.disputes.file_ciphertext(exchange, delivery, dispute, BANK.key)
    mine_at((await parties.network.disputes.deadlines_of(dispute)).ruling_until + 1)
    await parties.network.disputes.execute(exchange, delivery, dispute, STRANGER)
    assert await outcome() == (ExchangeOutcome.RESOLVED, EndCause.DISPUTE_RESOLVED)
    assert (await make_receipt(parties.network, delivered.given, exchange.id)).exchange.provider_bps == 5_000


async def test_holds_nothing_personal(parties):
    delivered = await parties.delivered()
    credential = await parties.consumer.open(
        delivered.exchange, delivered.given, await parties.provider.hand_over(delivered.exchange)
    )
    text = (await make_receipt(parties.network, delivered.given, delivered.exchange.id)).to_bytes().decode()

    assert len(credential.claims) == 3
    for value in credential.claims.values():
        assert str(value) not in text


# ------------------------------------------------------------- making one


async def test_makes_none_of_an_exchange_that_is_not_there_or_of_another_consent(parties):
    _, given, exchange = await parties.funded()
    other = await parties.consent(await parties.request())

    with pytest.raises(ReceiptRefused, match="the chain knows no such exchange"):
        await make_receipt(parties.network, given, ExchangeId(bytes(32)))
    with pytest.raises(ReceiptRefused, match="the exchange is about another consent"):
        await make_receipt(parties.network, other, exchange.id)


async def test_makes_none_that_nobody_would_believe(parties):
    given = await parties.consent(await parties.request())
    forged = parties.network.consents.sign(given.opened.sealed(), STRANGER)

    with pytest.raises(ReceiptRefused, match="the consent is not signed by its subject"):
        await make_receipt(parties.network, replace(given, signature=forged), None)
    with pytest.raises(RecordError):
        await make_receipt(parties.network, replace(given, signature=b""), None)
    other = await parties.consent(await parties.request())
    with pytest.raises(RecordError):
        await make_receipt(parties.network, replace(given, record=other.record), None)


# ------------------------------------------------------------- what contradicts itself


def sealed_anew(network, given, **opened):
    """Make the parts of a receipt of a consent whose opening says something else than its record."""
    changed = replace(given.opened, **opened)
    key = Wallet(network, SEED)._key(0)
    return GivenConsent(given.record, changed, network.consents.sign(changed.sealed(), key))


async def test_names_the_field_in_which_record_and_consent_do_not_agree(parties):
    network = parties.network
    given = await parties.consent(await parties.request())
    changes = {
        "consumer": {"consumer": SECOND_BANK.identity},
        "provider": {"provider": SECOND_BANK.identity},
        "schema": {"schema": keccak(text="another")},
        "purpose": {"purpose": keccak(text="another")},
        "assurance": {"assurance": type(given.opened.assurance)(3)},
        "window": {"max_uses": 2},
    }
    for field, change in changes.items():
        with pytest.raises(ReceiptRefused, match=f"record and consent do not agree in '{field}'"):
            await make_receipt(network, sealed_anew(network, given, **change), None)


async def test_refuses_an_opening_that_does_not_open_the_commitments(parties, believed):
    receipt = await make_receipt(parties.network, await parties.consent(await parties.request()), None)
    changed = replace(receipt, opening=replace(receipt.opening, seed=hex_hash(bytes(32))))

    with pytest.raises(ReceiptRefused, match="the opening does not open the consent's commitments"):
        await believed(changed)


async def test_refuses_a_consent_that_the_subject_did_not_sign(parties, believed):
    receipt = await make_receipt(parties.network, await parties.consent(await parties.request()), None)
    high = "0x" + receipt.consent_signature[2:66] + "ff" * 32 + receipt.consent_signature[-2:]

    with pytest.raises(ReceiptRefused, match="the consent is not signed: "):
        await believed(replace(receipt, consent_signature=high))
    nonce = replace(receipt.consent, nonce=receipt.consent.nonce - 1)
    with pytest.raises(ReceiptRefused, match="the consent is not signed by its subject"):
        await believed(replace(receipt, consent=nonce))


async def test_refuses_what_neither_chain_nor_consent_bears_out(parties, believed, mine_at):
    given = await parties.consent(await parties.request())
    receipt = await make_receipt(parties.network, given, None)
    record, now = receipt.record, await parties.network.now()
    provider = record.provider.did

    withdrawn = record.followed_by(ConsentState.WITHDRAWN, indicated_at=now, indicated_by=record.subject)
    with pytest.raises(ReceiptRefused, match="the chain knows no withdrawal of the consent at that instant"):
        await believed(replace(receipt, record=withdrawn))
    revoked = record.followed_by(ConsentState.REVOKED, indicated_at=now, indicated_by=provider)
    with pytest.raises(ReceiptRefused, match="bears out the record's ConsentRevoked"):
        await believed(replace(receipt, record=revoked))
    until = given.opened.valid_until
    early = record.followed_by(ConsentState.EXPIRED, indicated_at=until - 1, indicated_by=provider)
    with pytest.raises(ReceiptRefused, match="bears out the record's ConsentExpired"):
        await believed(replace(receipt, record=early))
    expired = record.followed_by(ConsentState.EXPIRED, indicated_at=until, indicated_by=provider)
    await believed(replace(receipt, record=expired))

    await parties.coordinator.withdraw(given.opened.sealed(), None, parties.wallet.withdrawal(given))
    wrong = record.followed_by(
        ConsentState.WITHDRAWN, indicated_at=await parties.network.now() + 1, indicated_by=record.subject
    )
    with pytest.raises(ReceiptRefused, match="the chain knows no withdrawal"):
        await believed(replace(receipt, record=wrong))


async def test_refuses_a_signed_record_of_a_refusal(parties, believed):
    request = await parties.request()
    refusal_record = await parties.wallet.refuse(await parties.wallet.show(request), BANK.identity, BANK.name)
    given = await parties.consent(request)
    key = Wallet(parties.network, SEED)._key(0)
    opened = replace(given.opened, subject=key.address, terms=terms_hash(refusal_record))
    forged = GivenConsent(refusal_record, opened, parties.network.consents.sign(opened.sealed(), key))

    with pytest.raises(ReceiptRefused, match="do not agree in 'state'"):
        await make_receipt(parties.network, forged, None)


# ------------------------------------------------------------- what the chain says otherwise

CHANGED_FACTS = {
    "use": lambda facts: 2,
    "coordinator": lambda facts: parse_address(STRANGER.address),
    "consumer_recruiter": lambda facts: None,
    "provider_recruiter": lambda facts: parse_address(STRANGER.address),
    "recipient_key_hash": lambda facts: hex_hash(bytes(32)),
    "schedule_version": lambda facts: 2,
    "fee": lambda facts: facts.fee + 1,
    "shares_bps": lambda facts: (facts.shares_bps[0] + 1, facts.shares_bps[1] - 1, *facts.shares_bps[2:]),
    "deliver_by": lambda facts: facts.deliver_by + 1,
    "challenge_seconds": lambda facts: facts.challenge_seconds + 1,
    "ciphertext_hash": lambda facts: hex_hash(bytes(32)),
    "delivered_at": lambda facts: facts.delivered_at + 1,
    "cause": lambda facts: EndCause.CHALLENGE_WINDOW_ENDED,
    "funded": lambda facts: ChainStep(facts.funded.block_number - 1, facts.funded.transaction_hash),
    "delivered": lambda facts: ChainStep(facts.delivered.block_number, hex_hash(bytes(32))),
    "ended": lambda facts: ChainStep(facts.ended.block_number + 1, facts.ended.transaction_hash),
}


async def test_names_the_fact_about_which_the_chain_says_otherwise(parties, believed):
    delivered = await parties.delivered()
    await parties.coordinator.accept(await parties.consumer.acceptance(delivered.exchange))
    receipt = await make_receipt(parties.network, delivered.given, delivered.exchange.id)
    await believed(receipt)
    for field, change in CHANGED_FACTS.items():
        facts = replace(receipt.exchange, **{field: change(receipt.exchange)})
        with pytest.raises(ReceiptRefused, match=f"the chain says otherwise about the exchange's '{field}'"):
            await believed(replace(receipt, exchange=facts))

    still_open = replace(receipt.exchange, outcome=ExchangeOutcome.DELIVERED, cause=None, ended=None)
    with pytest.raises(ReceiptRefused, match="the exchange's 'outcome'"):
        await believed(replace(receipt, exchange=still_open))
    unknown = replace(receipt.exchange, exchange_id=hex_hash(bytes(32)))
    with pytest.raises(ReceiptRefused, match="the chain knows no such exchange"):
        await believed(replace(receipt, exchange=unknown))


async def test_refuses_the_exchange_of_another_consent(parties, believed):
    _, given, exchange = await parties.funded()
    _, other, _ = await parties.funded()
    receipt = await make_receipt(parties.network, given, exchange.id)
    others = await make_receipt(parties.network, other, None)

    with pytest.raises(ReceiptRefused, match="the exchange is about another consent"):
        await believed(replace(others, exchange=receipt.exchange))


# ------------------------------------------------------------- contracts and chains


@pytest.mark.parametrize(
    ("part", "name"),
    [("escrow", "FeeEscrow"), ("consent_token", "ConsentToken"), ("identity_registry", "IdentityRegistry")],
)
async def test_refuses_a_contract_that_the_directory_never_listed(parties, believed, part, name):
    receipt = await make_receipt(parties.network, await parties.consent(await parties.request()), None)
    wrong = parse_address(parties.network.addresses["NetworkCredit"])
    changed = replace(receipt, contracts=replace(receipt.contracts, **{part: wrong}))

    with pytest.raises(ReceiptRefused, match=f"the directory never listed {wrong} as {name}"):
        await believed(changed)


async def test_is_still_true_after_the_escrow_was_replaced(parties, believed, chain, take_over):
    delivered = await parties.delivered()
    before = await make_receipt(parties.network, delivered.given, delivered.exchange.id)
    first, second = parties.network.addresses["FeeEscrow"], await take_over()

    async with await Network.connect(chain.rpc_url, parties.network.directory) as connected:
        assert connected.addresses["FeeEscrow"] == second
        assert (await believed(before)).receipt.contracts.escrow == first.lower()
        # What is open in the old one goes on there, and its receipts are of there.
        await parties.coordinator.accept(await parties.consumer.acceptance(delivered.exchange))
        settled = await make_receipt(connected, delivered.given, delivered.exchange.id)
        assert settled.contracts.escrow == first.lower()
        assert (await believed(settled)).receipt.exchange.outcome is ExchangeOutcome.SETTLED
        # The new one knows nothing of it, whatever a receipt says.
        claimed = replace(settled, contracts=replace(settled.contracts, escrow=parse_address(second)))
        with pytest.raises(ReceiptRefused, match="the chain knows no such exchange"):
            await believed(claimed)


async def test_refuses_another_chain_and_a_chain_without_the_network(parties):
    receipt = await make_receipt(parties.network, await parties.consent(await parties.request()), None)

    with start_chain(chain_id=1337) as other, pytest.raises(WrongChain, match="serves chain 1337, not 31337"):
        await verify_receipt(receipt.to_bytes(), other.rpc_url)
    with start_chain() as empty, pytest.raises(WrongChain, match="no network stands at"):
        await verify_receipt(receipt.to_bytes(), empty.rpc_url)
    with pytest.raises(ChainUnreachable):
        await verify_receipt(receipt.to_bytes(), "http://127.0.0.1:9")


async def test_fails_in_one_line_when_the_node_fails_midway(parties, relay):
    receipt = await make_receipt(parties.network, await parties.consent(await parties.request()), None)
    calls = len(parties.network.addresses)
    relay.tell(
        "eth_call",
        lambda request: relay.forward(request)
        if relay.asked.count("eth_call") <= calls + 2
        else refusal("too busy")(request),
    )

    with pytest.raises(NodeFailed, match="too busy"):
        await verify_receipt(receipt.to_bytes(), relay.url)


@pytest.mark.parametrize("octets", [b"", b"{}", b"\xff", b"null", b"[" * 1_000])
async def test_refuses_what_is_no_receipt(chain, octets):
    with pytest.raises(RecordError):
        await verify_receipt(octets, chain.rpc_url)


async def test_refuses_any_field_that_was_changed_in_the_file(parties, chain):
    receipt = await make_receipt(parties.network, await parties.consent(await parties.request()), None)
    document = json.loads(receipt.to_bytes())
    for name in document:
        changed = {**document, name: None}
        with pytest.raises(ConsentryError):
            await verify_receipt(json.dumps(changed).encode(), chain.rpc_url)
