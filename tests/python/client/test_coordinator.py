"""What a coordinator carries, and how each exchange that is not simply accepted ends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_utils.crypto import keccak

from consentry.client.disputes import Outcome
from consentry.client.errors import (
    ConsentTokenExhausted,
    DisputesUndecided,
    FeeEscrowChallengeOver,
    FeeEscrowChallengeRunning,
    FeeEscrowDeliveryNotDue,
    FeeEscrowNotWithdrawn,
    FeeEscrowPrepaidTooLow,
    FeeEscrowSignatureInvalid,
    FeeEscrowStateInvalid,
)
from consentry.client.exchanges import Dispute, ExchangeState, RefundCause, SettlementCause
from consentry.demo.bring_up import PREPAID_UNITS
from consentry.demo.cast import BANK, RENTAL_AGENCY, STRANGER

pytestmark = pytest.mark.asyncio

REASON = keccak(text="what the arbiters will be shown")
HOUR = 3_600


async def prepaid(parties):
    return await parties.network.exchanges.prepaid_of(RENTAL_AGENCY.identity)


async def state_of(parties, exchange):
    return (await parties.network.exchanges.state_of(exchange))[0]


# ------------------------------------------------------------- carrying


async def test_carries_an_exchange_from_consent_to_settlement(parties):
    request, given = await parties.consented()
    granted = await parties.coordinator.grant(given.opened.sealed(), given.signature)
    order = await parties.consumer.order(request, given)

    funding, funded = await parties.coordinator.fund(given.opened, b"", order)

    exchange = funding.exchange
    assert granted.block_number < funded.block_number == funding.block_number
    assert funding == await parties.network.exchanges.funding_of(exchange.id)
    assert (funding.schema, funding.purpose, funding.assurance) == (
        given.opened.schema,
        given.opened.purpose,
        given.opened.assurance,
    )
    assert (exchange.consumer, exchange.provider, exchange.coordinator) == (
        RENTAL_AGENCY.identity,
        BANK.identity,
        BANK.identity,
    )
    hashed = parties.network.exchanges.contract.function("hashExchange", exchange.arguments()).call()
    assert len(await parties.network.ask(hashed)) == 32
    assert await prepaid(parties) == replace(
        await prepaid(parties), balance=PREPAID_UNITS - exchange.fee, available=PREPAID_UNITS - exchange.fee
    )

    delivery, _ = await parties.coordinator.deliver(await parties.provider.prepare(exchange))
    assert delivery == await parties.network.exchanges.delivery_of(exchange.id)
    assert delivery.delivered_at == await parties.network.now()
    await parties.coordinator.accept(await parties.consumer.acceptance(exchange))
    assert await state_of(parties, exchange) is ExchangeState.SETTLED


async def test_cannot_fund_one_use_twice(parties):
    request, given, exchange = await parties.funded()
    order = await parties.consumer.order(request, given)

    with pytest.raises(ConsentTokenExhausted) as raised:
        await parties.coordinator.fund(given.opened, given.signature, order)
    assert raised.value.values == {"consentId": exchange.consent, "maxUses": 1}


async def test_cannot_change_what_it_carries(parties):
    request, given = await parties.consented()
    order = await parties.consumer.order(request, given)
    for change in ({"recipient_key_hash": keccak(text="my own")}, {"challenge_seconds": 7_200}):
        changed = replace(order, order=replace(order.order, **change))
        with pytest.raises(FeeEscrowSignatureInvalid):
            await parties.coordinator.fund(given.opened, given.signature, changed)

    exchange = await parties.fund(request, given)
    signed = await parties.provider.prepare(exchange)
    with pytest.raises(FeeEscrowSignatureInvalid):
        await parties.coordinator.deliver(replace(signed, ciphertext_hash=keccak(text="another")))
    declined = await parties.provider.decline(exchange, REASON)
    with pytest.raises(FeeEscrowSignatureInvalid):
        await parties.coordinator.decline(replace(declined, reason=keccak(text="another")))
    await parties.coordinator.deliver(signed)
    dispute = await parties.consumer.dispute(exchange, REASON)
    with pytest.raises(FeeEscrowSignatureInvalid):
        await parties.coordinator.dispute(replace(dispute, reason=keccak(text="another")))


# ------------------------------------------------------------- silence


async def test_h111_settles_when_the_challenge_window_ends_in_silence(parties, mine_at):
    delivered = await parties.delivered(challenge_seconds=HOUR)
    until = delivered.delivery.delivered_at + HOUR
    mine_at(until)
    with pytest.raises(FeeEscrowChallengeRunning) as raised:
        await parties.coordinator.settle_unchallenged(delivered.exchange, delivered.delivery)
    assert raised.value.values == {"exchangeId": delivered.exchange.id, "endsAt": until}

    mine_at(until + 1)
    await parties.coordinator.settle_unchallenged(delivered.exchange, delivered.delivery)

    assert (delivered.exchange.id, SettlementCause.CHALLENGE_WINDOW_ENDED) in (
        await parties.network.exchanges.settlements()
    )


async def test_refunds_what_was_not_delivered_in_time(parties, mine_at):
    _, _, exchange = await parties.funded(deliver_within_seconds=HOUR)
    with pytest.raises(FeeEscrowDeliveryNotDue) as raised:
        await parties.coordinator.refund_undelivered(exchange)
    assert raised.value.values == {"exchangeId": exchange.id, "deliverBy": exchange.deliver_by}

    mine_at(exchange.deliver_by + 1)
    await parties.coordinator.refund_undelivered(exchange)

    assert (exchange.id, RefundCause.NOT_DELIVERED) in await parties.network.exchanges.refunds()
    assert (await prepaid(parties)).available == PREPAID_UNITS


# ------------------------------------------------------------- withdrawn consents


async def test_withdraws_a_consent_and_the_fee_is_back_in_the_same_transaction(parties):
    _, given, exchange = await parties.funded()

    mined = await parties.coordinator.withdraw(given.opened.sealed(), exchange, parties.wallet.withdrawal(given))

    refunds = await parties.network.logs(parties.network.exchanges.contract.events.ExchangeRefunded())
    assert [bytes(event["transactionHash"]) for event in refunds] == [mined.transaction_hash]
    assert (await prepaid(parties)).available == PREPAID_UNITS


async def test_refunds_a_withdrawn_consent_whose_exchange_was_not_told(parties):
    _, given, exchange = await parties.funded()
    with pytest.raises(FeeEscrowNotWithdrawn) as raised:
        await parties.coordinator.refund_withdrawn(exchange)
    assert raised.value.values == {"exchangeId": exchange.id}

    await parties.coordinator.withdraw(given.opened.sealed(), None, parties.wallet.withdrawal(given))
    assert await state_of(parties, exchange) is ExchangeState.REFUND_DUE
    await parties.coordinator.refund_withdrawn(exchange)

    assert (exchange.id, RefundCause.CONSENT_WITHDRAWN) in await parties.network.exchanges.refunds()
    assert (await prepaid(parties)).available == PREPAID_UNITS


async def test_withdrawing_after_the_delivery_changes_nothing_of_the_exchange(parties):
    delivered = await parties.delivered()
    signature = parties.wallet.withdrawal(delivered.given)

    await parties.coordinator.withdraw(delivered.given.opened.sealed(), delivered.exchange, signature)

    assert await state_of(parties, delivered.exchange) is ExchangeState.DELIVERED
    await parties.coordinator.accept(await parties.consumer.acceptance(delivered.exchange))


# ------------------------------------------------------------- disputes


async def test_h100_returns_fee_and_bond_when_the_provider_shows_the_arbiters_nothing(parties, mine_at):
    delivered, exchanges = await parties.delivered(), parties.network.exchanges
    exchange, delivery, disputes = delivered.exchange, delivered.delivery, parties.network.disputes

    dispute, _ = await parties.coordinator.dispute(await parties.consumer.dispute(exchange, REASON))

    assert dispute == Dispute(REASON, exchange.fee // 10, await parties.network.now())
    assert dispute == await exchanges.dispute_of(exchange.id)
    assert await state_of(parties, exchange) is ExchangeState.DISPUTED
    assert (await prepaid(parties)).available == PREPAID_UNITS - exchange.fee - dispute.bond

    until = (await disputes.deadlines_of(dispute)).evidence_until
    mine_at(until)
    with pytest.raises(DisputesUndecided):
        await disputes.execute(exchange, delivery, dispute, STRANGER)
    mine_at(until + 1)
    outcome, _ = await disputes.execute(exchange, delivery, dispute, STRANGER)

    assert outcome is Outcome.CIPHERTEXT_MISSING
    assert await exchanges.state_of(exchange) == (ExchangeState.RESOLVED, await parties.network.now())
    assert (await prepaid(parties)).available == PREPAID_UNITS


async def test_h098_disputes_only_in_time_once_and_with_the_bond_at_hand(parties, mine_at, undone):
    delivered = await parties.delivered(challenge_seconds=HOUR)
    exchange, until = delivered.exchange, delivered.delivery.delivered_at + HOUR
    signed = await parties.consumer.dispute(exchange, REASON)
    with undone():
        await parties.network.exchanges.announce_withdrawal(
            RENTAL_AGENCY.identity, PREPAID_UNITS - exchange.fee, RENTAL_AGENCY.key
        )
        with pytest.raises(FeeEscrowPrepaidTooLow) as raised:
            await parties.coordinator.dispute(signed)
        assert raised.value.values == {
            "participant": RENTAL_AGENCY.identity,
            "available": 0,
            "required": exchange.fee // 10,
        }
    with undone():
        await parties.coordinator.dispute(signed)
        with pytest.raises(FeeEscrowStateInvalid):
            await parties.coordinator.dispute(signed)
        with pytest.raises(FeeEscrowStateInvalid):
            await parties.coordinator.accept(await parties.consumer.acceptance(exchange))

    mine_at(until + 1)
    with pytest.raises(FeeEscrowChallengeOver) as raised:
        await parties.coordinator.dispute(signed)
    assert raised.value.values == {"exchangeId": exchange.id, "endedAt": until}


async def test_there_is_no_dispute_delivery_or_funding_of_what_never_was(parties):
    exchanges, nothing = parties.network.exchanges, keccak(text="no exchange")

    assert await exchanges.dispute_of(nothing) is None
    assert await exchanges.delivery_of(nothing) is None
    assert await exchanges.funding_of(nothing) is None
    assert not await exchanges.is_kept(nothing)


async def test_tells_the_state_as_it_was_at_a_block(parties):
    delivered = await parties.delivered()
    block = await parties.network.web3.eth.block_number
    await parties.coordinator.accept(await parties.consumer.acceptance(delivered.exchange))

    states = parties.network.exchanges.state_of
    assert await states(delivered.exchange, block) == (ExchangeState.DELIVERED, None)
    assert await states(delivered.exchange) == (ExchangeState.SETTLED, None)


async def test_anyone_may_carry_what_was_signed(parties):
    parties.coordinator = type(parties.coordinator)(parties.network, BANK.identity, STRANGER)

    delivered = await parties.delivered()
    await parties.coordinator.accept(await parties.consumer.acceptance(delivered.exchange))

    assert await state_of(parties, delivered.exchange) is ExchangeState.SETTLED
