"""Another escrow takes over by vote: what is open in the former one ends there, and what is new starts in the other.

All of that is tried over the connection that was open all along, before and after it reads the directory again, and
over one that is made afterwards.
"""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from eth_utils.crypto import keccak

from consentry.client import Coordinator, ExchangeId, ExchangeState, Network, Wallet, make_receipt, verify_receipt
from consentry.client.encoding import padded
from consentry.client.errors import ConsentRefused, FeeEscrowSignatureInvalid
from consentry.client.exchanges import RefundCause, SettlementCause
from consentry.demo.cast import BANK, RENTAL_AGENCY, STRANGER, TREASURER
from consentry.records import EndCause, ExchangeOutcome
from tests.python.client.conftest import SEED

pytestmark = pytest.mark.asyncio

REASON = keccak(text="reason")
AGENCY = RENTAL_AGENCY.identity


@pytest.fixture
def former(parties):
    """The escrow in force before: its exchanges, as they were when the network was connected to."""
    return parties.network.exchanges


@pytest_asyncio.fixture(params=["running", "refreshed", "anew"])
async def followed(request, parties, chain, take_over, monkeypatch):
    """Let another escrow take over: a function; after it, the parties go on over the network that it returns."""
    async with AsyncExitStack() as connections:

        async def follow():
            await take_over()
            if request.param == "refreshed":
                await parties.network.refresh()
            if request.param != "anew":
                return parties.network
            connecting = await Network.connect(chain.rpc_url, parties.network.directory)
            network = await connections.enter_async_context(connecting)
            for party in (parties.consumer, parties.provider, parties.coordinator, parties.wallet):
                if party is not None:
                    monkeypatch.setattr(party, "_network", network)
            parties.network = network
            return network

        yield follow


async def test_delivers_settles_and_pays_out_where_it_was_funded(parties, former, followed, chain):
    _, given, exchange = await parties.funded()

    network = await followed()
    await parties.coordinator.deliver(await parties.provider.prepare(exchange))
    credential = await parties.consumer.open(exchange, given, await parties.provider.hand_over(exchange))
    await parties.coordinator.accept(await parties.consumer.acceptance(exchange))

    assert set(credential.claims) == set(given.record.request.attributes)
    assert (await former.state_of(exchange))[0] is ExchangeState.SETTLED
    held = await network.escrow_of(exchange.id)
    assert held.contract.address == former.contract.address
    receipt = await make_receipt(network, given, exchange.id)
    assert receipt.contracts.escrow == former.contract.address.lower()
    verified = await verify_receipt(receipt.to_bytes(), chain.rpc_url)
    facts = verified.receipt.exchange
    assert (facts.outcome, facts.cause) == (ExchangeOutcome.SETTLED, EndCause.ACCEPTED)
    before, earned = await network.credit.balance_of(BANK.identity), await held.earned_of(BANK.identity)
    assert earned > 0
    await held.withdraw_earned(BANK.identity, BANK.key)
    assert await network.credit.balance_of(BANK.identity) == before + earned


async def test_a_withdrawal_returns_the_fee_in_the_same_transaction(parties, former, followed, chain):
    _, given, exchange = await parties.funded()
    before = await former.prepaid_of(AGENCY)

    network = await followed()
    mined = await parties.coordinator.withdraw(
        given.opened.sealed(), exchange, parties.wallet.withdrawal(given)
    )

    (event,) = await network.logs(former.contract.events.ExchangeRefunded(), exchangeId=exchange.id)
    assert (event["transactionHash"], event["args"]["cause"]) == (
        mined.receipt["transactionHash"],
        RefundCause.CONSENT_WITHDRAWN,
    )
    assert (await former.prepaid_of(AGENCY)).available == before.available + exchange.fee
    receipt = await make_receipt(network, given, exchange.id)
    assert (await verify_receipt(receipt.to_bytes(), chain.rpc_url)).withdrawn_at == await network.now()


async def test_declines_and_refunds_where_it_was_funded(parties, former, followed, mine_at):
    times = {"deliver_within_seconds": 3_600}
    _, _, declined = await parties.funded(**times)
    _, given, due = await parties.funded(**times)
    _, _, undelivered = await parties.funded(**times)

    await followed()
    await parties.coordinator.decline(await parties.provider.decline(declined, REASON))
    await parties.coordinator.withdraw(given.opened.sealed(), None, parties.wallet.withdrawal(given))
    await parties.coordinator.refund_withdrawn(due)
    mine_at(undelivered.deliver_by + 1)
    await parties.coordinator.refund_undelivered(undelivered)

    assert await former.refunds() == (
        (declined.id, RefundCause.DECLINED),
        (due.id, RefundCause.CONSENT_WITHDRAWN),
        (undelivered.id, RefundCause.NOT_DELIVERED),
    )


async def test_disputes_and_settles_in_silence_where_it_was_funded(parties, former, followed, mine_at):
    silent, contested = [await parties.delivered(challenge_seconds=3_600) for _ in range(2)]

    network = await followed()
    dispute, _ = await parties.coordinator.dispute(await parties.consumer.dispute(contested.exchange, REASON))
    mine_at(silent.delivery.delivered_at + 3_601)
    await parties.coordinator.settle_unchallenged(silent.exchange, silent.delivery)
    disputes = await network.disputes_of(contested.exchange.id)
    mine_at((await disputes.deadlines_of(dispute)).evidence_until + 1)
    await disputes.execute(contested.exchange, contested.delivery, dispute, STRANGER)

    assert await former.settlements() == ((silent.exchange.id, SettlementCause.CHALLENGE_WINDOW_ENDED),)
    assert (await former.state_of(contested.exchange))[0] is ExchangeState.RESOLVED


async def test_funds_a_new_order_in_the_successor(parties, former, followed):
    early, consented = await parties.consented()
    overtaken = await parties.consumer.order(early, consented)
    fundings = await former.fundings()

    network = await followed()
    request, given = await parties.consented()
    successor = network.exchanges
    assert successor.contract.address != former.contract.address
    await network.credit.issue(AGENCY, 2 * request.request.fee, keccak(text="another invoice"), TREASURER)
    await network.credit.prepay(2 * request.request.fee, RENTAL_AGENCY.key)
    with pytest.raises(FeeEscrowSignatureInvalid):
        await parties.coordinator.fund(consented.opened, consented.signature, overtaken)
    # The consent that was given before is as good as ever; what it takes is an order for the successor.
    exchanges = [await parties.fund(early, consented), await parties.fund(request, given)]

    for exchange in exchanges:
        await parties.coordinator.deliver(await parties.provider.prepare(exchange))
        await parties.coordinator.accept(await parties.consumer.acceptance(exchange))
        assert (await successor.state_of(exchange))[0] is ExchangeState.SETTLED
        assert await network.escrow_of(exchange.id) is successor
    assert (await former.fundings(), len(await successor.fundings())) == (fundings, 2)
    assert (await network.consents.state_of(exchanges[0].consent)).escrow == successor.contract.address


async def test_pays_out_what_was_prepaid_in_each_escrow(parties, former, followed, mine_at):
    network = await followed()
    await network.refresh()
    oldest, newest = await network.escrows()
    assert (oldest.contract.address, newest.contract.address) == (
        former.contract.address,
        network.addresses["FeeEscrow"],
    )
    prepaid = await oldest.prepaid_of(AGENCY)
    assert (prepaid.balance > 0, (await newest.prepaid_of(AGENCY)).balance) == (True, 0)

    await oldest.announce_withdrawal(AGENCY, prepaid.available, RENTAL_AGENCY.key)
    mine_at((await oldest.announcement_of(AGENCY)).takeable_at)
    await oldest.withdraw_prepaid(AGENCY, RENTAL_AGENCY.key)

    assert await network.credit.balance_of(AGENCY) == prepaid.available
    assert (await oldest.prepaid_of(AGENCY)).balance == 0


async def test_a_consent_stays_with_the_token_under_which_it_was_signed(parties, carry_out):
    network, delivered = parties.network, await parties.delivered()
    given, sealed = delivered.given, delivered.given.opened.sealed()
    token, other = (network.addresses[name] for name in ("ConsentToken", "NetworkAccess"))  # any contract will do
    carry_out(network.directory_contract().action("set", padded("ConsentToken"), other))
    await network.refresh()

    credential = await parties.consumer.open(
        delivered.exchange, given, await parties.provider.hand_over(delivered.exchange)
    )
    await parties.coordinator.accept(await parties.consumer.acceptance(delivered.exchange))
    with pytest.raises(ConsentRefused, match="not signed under this network's ConsentToken"):
        parties.wallet.withdrawal(given)
    at_first = network.at({"ConsentToken": token})
    wallet = Wallet(at_first, SEED, keys_used=parties.wallet.keys_used)
    await Coordinator(at_first, BANK.identity, BANK.key).withdraw(sealed, None, wallet.withdrawal(given))

    assert len(credential.claims) == 3
    assert (await network.exchanges.state_of(delivered.exchange))[0] is ExchangeState.SETTLED
    consent_id = sealed.id(at_first.consents.domain)
    assert (await at_first.consents.state_of(consent_id)).withdrawn_at == await network.now()
    assert (await make_receipt(at_first, given, delivered.exchange.id)).contracts.consent_token == token.lower()


async def test_an_exchange_that_no_escrow_holds_is_left_to_the_one_in_force(followed):
    network = await followed()
    assert await network.escrow_of(ExchangeId(bytes(32))) is network.exchanges
