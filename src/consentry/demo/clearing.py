"""The acts about money that does not go the straight way: a batch, two disputes, and an erasure that came late."""

from __future__ import annotations

import secrets

from eth_utils.crypto import keccak

from consentry.client.batches import Batch, BatchItem
from consentry.client.consents import ConsentFault
from consentry.client.disputes import Outcome, ruling_for
from consentry.client.erasures import ERASED, Opening
from consentry.client.errors import ContractError
from consentry.client.exchanges import Delivery, Dispute, Exchange
from consentry.demo.cast import BANK, LICENCE_OFFICE, RENTAL_AGENCY, SECOND_BANK, STRANGER, UTILITY
from consentry.demo.governance import pass_time_to
from consentry.demo.institutions import Person
from consentry.demo.stage import (
    CONNECT_UTILITY,
    RENT,
    Consented,
    Forfeit,
    Stage,
    StoryBroken,
    consented_to,
    funded,
    keep_receipt,
    must_fail,
)

MOST_BATCHED = 250
"""Exchanges in the batch, where the bank has as many customers who can sign in."""

REASON = keccak(text="not the facts that were asked for")


async def settle_batch(stage: Stage) -> None:
    """Two institutions that give each other credit clear a month of exchanges in one transaction."""
    tell, network, case = stage.narrator, stage.network, CONNECT_UTILITY
    tell.act(f"{UTILITY.name} and {BANK.name} clear a month of exchanges in a batch")
    consumer, provider = stage.consumer(case.consumer), stage.provider(case.provider)
    items, version, fee = [], 0, 0
    customers = stage.institutions.customers[:MOST_BATCHED]
    for nonce, person in enumerate(customers):
        signed = await consumer.request(case.ask, BANK.identity)
        wallet = person.wallet(network)
        given = await wallet.consent(await wallet.show(signed), BANK.identity, BANK.name, nonce=nonce)
        session = await stage.institutions.of(BANK).sign_in(person)
        consent_id = await provider.present(session.session_id, signed, given)
        ahead = await provider.deliver_ahead(consent_id)
        await consumer.open_ahead(given, ahead)
        items.append(BatchItem(given.opened, given.signature, ahead.recipient_key_hash, ahead.ciphertext_hash))
        version, fee = signed.request.schedule_version, signed.request.fee
    tell.step(UTILITY.name, f"asked {len(items)} customers under nonces that it allotted, and verified what came")
    batch = Batch.of(
        items,
        coordinator=BANK.identity,
        schedule_version=version,
        fee=fee,
        relayer=STRANGER.address,
        deadline=await network.now() + 600,
        nonce=secrets.randbits(256),
    )
    words = [(member.identity, network.batches.sign(batch, items, member.key)) for member in (UTILITY, BANK)]
    settled, mined = await network.batches.exchange_batch(batch, items, words[0], words[1], STRANGER)
    tell.step(
        "stranger",
        f"carries the batch that both signed: {settled.count} exchanges, {mined.gas_used // settled.count:,} gas each",
        gas=mined.gas_used,
        fee=settled.count * fee,
    )
    if settled.count != len(items):
        raise StoryBroken(f"{settled.count} of {len(items)} exchanges of the batch were settled")
    stage.settled += [
        Exchange(
            consent=item.opened.sealed().id(network.consents.domain),
            use=1,
            consumer=settled.consumer,
            provider=settled.provider,
            coordinator=settled.coordinator,
            recipient_key_hash=item.recipient_key_hash,
            fee=settled.fee,
            shares=settled.shares,
            deliver_by=batch.deadline,
            challenge_seconds=0,  # it is final
        )
        for item in items
    ]
    again = network.batches.exchange_batch(batch, items, words[0], words[1], STRANGER)
    await must_fail(stage, "stranger", "carries it a second time", again, ContractError, count=False)


async def lose_dispute(stage: Stage, person: Person) -> None:
    """The consumer is right, and the provider does not even show the arbiters what it sent."""
    stage.narrator.act("A dispute that the consumer wins: the provider shows the arbiters nothing")
    consented, exchange, delivery, dispute = await _disputed(stage, person)
    disputes = stage.network.disputes
    await pass_time_to(stage.network, (await disputes.deadlines_of(dispute)).evidence_until + 1)
    stage.narrator.step("time", "passes: the deadline by which the arbiters must have the ciphertext")
    outcome, mined = await disputes.execute(exchange, delivery, dispute, STRANGER)
    stage.narrator.step(
        "stranger",
        f"ends it, as anyone may; fee and bond are back with {RENTAL_AGENCY.name}",
        gas=mined.gas_used,
        fee=-exchange.fee - dispute.bond,
    )
    if outcome is not Outcome.CIPHERTEXT_MISSING:
        raise StoryBroken(f"the dispute ended by {outcome.name.lower()}")
    await keep_receipt(stage, "dispute-won-by-the-consumer", consented.given, exchange.id)


async def win_dispute(stage: Stage, person: Person) -> None:
    """The provider is right: two of three eligible seats say so."""
    tell, disputes = stage.narrator, stage.network.disputes
    tell.act("A dispute that the provider wins: the council's panel rules, without the seat that shares in the fee")
    consented, exchange, delivery, dispute = await _disputed(stage, person)
    filed = await disputes.file_ciphertext(exchange, delivery, dispute, BANK.key)
    tell.step(BANK.name, "gives the arbiters the ciphertext that it committed to, and says so", gas=filed.gas_used)
    submission, mined = await disputes.submit(exchange, delivery, dispute, STRANGER)
    tell.step("stranger", "brings the dispute before the panel", gas=mined.gas_used)
    seats = await disputes.eligible_seats(submission)
    if BANK.identity in seats or LICENCE_OFFICE.identity not in seats:
        raise StoryBroken("a seat that shares in the fee may rule on it, or one that does not may not")
    ruling = ruling_for(10_000)
    for member in (LICENCE_OFFICE, SECOND_BANK):
        mined = await disputes.vote(submission, member.identity, ruling, member.key)
        tell.step(member.name, "opens the ciphertext with the consumer's one-time key: right", gas=mined.gas_used)
    outcome, mined = await disputes.execute(exchange, delivery, dispute, STRANGER)
    tell.step("stranger", "ends it; the fee splits, the bond is the provider's", gas=mined.gas_used)
    if outcome is not Outcome.RULED:
        raise StoryBroken(f"the dispute ended by {outcome.name.lower()}")
    stage.settled.append(exchange)
    stage.forfeits.append(Forfeit(RENTAL_AGENCY, BANK, dispute.bond))
    await keep_receipt(stage, "dispute-won-by-the-provider", consented.given, exchange.id)


async def erase_late(stage: Stage, used: Consented, person: Person) -> None:
    """A consent is withdrawn after its use; the consumer erases late, and funds nothing until it has said so."""
    tell, network = stage.narrator, stage.network
    tell.act("A person withdraws after the fact, and the consumer erases late")
    opened = used.given.opened
    withdrawn = await stage.coordinator.withdraw(opened.sealed(), None, used.wallet.withdrawal(used.given))
    tell.step("person", f"withdraws the consent that {RENTAL_AGENCY.name} used", gas=withdrawn.gas_used)
    duty, mined = await network.erasures.open(Opening.of(opened), 1, STRANGER)
    tell.step("stranger", "puts the duty to erase on record with the consumer's opening", gas=mined.gas_used)
    await pass_time_to(network, duty.due_at + 1)
    mined = await network.erasures.report(duty.exchange_id, STRANGER)
    tell.step("stranger", "reports that nobody confirmed in time", gas=mined.gas_used)
    if [one.exchange_id for one in await network.erasures.overdue()] != [duty.exchange_id]:
        raise StoryBroken("the regulator's list does not name the overdue erasure")
    tell.step("regulator", "reads the list: one erasure is overdue")
    later = await consented_to(stage, RENT, person)
    blocked = funded(stage, RENT, later)
    await must_fail(stage, RENTAL_AGENCY.name, "orders while it is overdue", blocked, ContractError, count=False)
    mined = await network.erasures.confirm(
        RENTAL_AGENCY.identity,
        [duty.exchange_id],
        ERASED,
        RENTAL_AGENCY.identity,
        b"",
        RENTAL_AGENCY.key,
    )
    tell.step(RENTAL_AGENCY.name, "confirms, late: it may order again", gas=mined.gas_used)
    if await network.consents.fault_of(later.given.opened) is not ConsentFault.NONE:
        raise StoryBroken("the consumer is still blocked after it confirmed")


async def _disputed(stage: Stage, person: Person) -> tuple[Consented, Exchange, Delivery, Dispute]:
    """Bring an exchange to the point where the consumer disputes it."""
    tell = stage.narrator
    consented = await consented_to(stage, RENT, person)
    exchange = await funded(stage, RENT, consented)
    delivery, mined = await stage.coordinator.deliver(await consented.provider.prepare(exchange))
    tell.step(BANK.name, "delivers", gas=mined.gas_used)
    dispute, mined = await stage.coordinator.dispute(await consented.consumer.dispute(exchange, REASON))
    tell.step(RENTAL_AGENCY.name, "disputes it and stakes a bond", gas=mined.gas_used, fee=dispute.bond)
    return consented, exchange, delivery, dispute
