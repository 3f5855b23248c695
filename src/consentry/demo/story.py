"""The story: people let businesses get verified facts from institutions that know them, and everyone is paid.

Real parts throughout: a chain with the deployed contracts, three systems of record in SQLite, credentials, encryption,
one-time codes. It ends with the true counts and whether the money adds up, and fails where either is not as it must be.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from eth_typing import ChecksumAddress
from eth_utils.crypto import keccak
from rich.console import Console
from web3.types import RPCEndpoint

from consentry.charter import CHARTER, document_hash
from consentry.client.assurance import Assurance
from consentry.client.charter import Phase
from consentry.client.consents import random_nonce
from consentry.client.council import Opinion, ProposalState
from consentry.client.errors import ContractError, RequestRefused
from consentry.client.exchanges import RefundCause
from consentry.client.fees import Price, Rates
from consentry.client.network import Network
from consentry.client.receipts import verify_receipt
from consentry.client.wallet import ShownRequest
from consentry.demo.bring_up import (
    HOST_WEIGHTS,
    IDENTITY,
    TENANCY,
    bring_up,
)
from consentry.demo.cast import (
    BANK,
    CAR_DEALER,
    FOUNDERS,
    FOURTH_SEAT,
    MEMBERS,
    RECRUITED,
    RENTAL_AGENCY,
    STRANGER,
    UTILITY,
)
from consentry.demo.clearing import erase_late, lose_dispute, settle_batch, win_dispute
from consentry.demo.governance import Step, carry, pass_time, propose_and_vote
from consentry.demo.institutions import Person, open_institutions
from consentry.demo.money import Money, count_money, expected_changes
from consentry.demo.narration import Narrator, credits_of
from consentry.demo.stage import (
    CONNECT_UTILITY,
    DELIVERY_SECONDS,
    EXPECTED,
    OPEN_ACCOUNT,
    RENEW_LICENCE,
    RENT,
    Case,
    Consented,
    Stage,
    StoryBroken,
    ask_of,
    consented_to,
    deliver_and_accept,
    funded,
    keep_receipt,
    must_fail,
)
from consentry.devchain import start_chain
from consentry.errors import ConsentryError
from consentry.sources import AuthenticationError, SessionId

EARNED_SLOT = 6
"""Storage slot of the escrow's earnings (snapshots/storage-layout.json): what the sabotage writes to."""

NEW_PRICE_UNITS = 2_400_000
"""What an identity costs once the council has lowered its price, in token units."""

SIGNING_SECONDS = 30 * 86_400
"""How long the seats have to sign a new charter."""

# -------------------------------------------------------------------- the acts


async def _grow(stage: Stage) -> None:
    stage.narrator.act("The network grows: a fourth member takes a seat")
    network, charter, council = stage.network, stage.network.charter, stage.network.council
    document = keccak(document_hash(CHARTER) + b"second edition: growth, seven seats")
    proposed = charter.propose_version(document, Phase.GROWTH, 7, SIGNING_SECONDS)
    await carry(network, [proposed], "propose a charter for growth", stage.report)
    version = await charter.version()
    for member in (*FOUNDERS, FOURTH_SEAT):
        mined = await charter.sign(version, member.identity, member.key, STRANGER)
        stage.report(Step(member.name, "signs the new charter", mined.gas_used))
    await carry(network, [council.add_seat(FOURTH_SEAT.identity)], f"give {FOURTH_SEAT.name} a seat", stage.report)
    in_force = await charter.in_force()
    if in_force is None or in_force.phase is not Phase.GROWTH or len(await council.seats()) != len(FOUNDERS) + 1:
        raise StoryBroken("the network did not grow")


async def _change_fees(stage: Stage) -> None:
    stage.narrator.act("An adverse opinion stops a change of fees until all seats carry it")
    network, fees = stage.network, stage.brought_up.parameters.fees
    rates = Rates(
        stage.shares,
        fees.consumer_recruiter_sunset_seconds,
        fees.provider_recruiter_sunset_seconds,
        fees.host_discount_bps,
    )
    prices = [
        Price(
            price.schema,
            Assurance(price.assurance),
            NEW_PRICE_UNITS if price.schema == IDENTITY and price.assurance.name == "SUBSTANTIAL" else price.price,
        )
        for price in fees.prices
    ]
    change = [network.fees.publish(rates, prices)]
    seats = (*FOUNDERS, FOURTH_SEAT)
    adverse = Opinion.ADVERSE
    _, state = await propose_and_vote(
        network, change, "lower the price of an identity", stage.report, opinion=adverse, voters=seats[:3]
    )
    if state is not ProposalState.DEFEATED:
        raise StoryBroken("three of four seats carried what a regulator is against")
    stage.narrator.step("council", "does not carry it: three of four would do, but with that opinion it takes all")
    await carry(
        network, change, "lower the price of an identity, once more", stage.report, opinion=adverse, voters=seats
    )


async def _settle(stage: Stage, case: Case, person: Person) -> Consented:
    stage.narrator.act(f"A person wants to {case.title}")
    consented = await consented_to(stage, case, person)
    exchange = await funded(stage, case, consented)
    await deliver_and_accept(stage, case, consented, exchange)
    await keep_receipt(stage, case.title.replace(" ", "-"), consented.given, exchange.id)
    return consented


async def _refuse(stage: Stage, person: Person) -> None:
    stage.narrator.act("A person refuses")
    request = await stage.consumer(RENTAL_AGENCY).request(RENT.ask, BANK.identity)
    stage.narrator.step(RENTAL_AGENCY.name, f"asks for {', '.join(RENT.ask.attributes)}")
    wallet = person.wallet(stage.network)
    blocks = await stage.network.web3.eth.block_number
    record = await wallet.refuse(await wallet.show(request), BANK.identity, BANK.name)
    if await stage.network.web3.eth.block_number != blocks:
        raise StoryBroken("a refusal reached the chain")
    (stage.receipts / "record-of-refusal.json").write_bytes(record.to_bytes())
    stage.narrator.step("person", "refuses; the record stays with them, nothing is signed, nothing reaches the chain")
    stage.counts.refused += 1


async def _withdraw(stage: Stage, person: Person) -> None:
    stage.narrator.act("A person withdraws before delivery")
    consented = await consented_to(stage, RENT, person)
    exchange = await funded(stage, RENT, consented)
    before = await stage.network.exchanges.prepaid_of(RENTAL_AGENCY.identity)
    signature = consented.wallet.withdrawal(consented.given)
    mined = await stage.coordinator.withdraw(consented.given.opened.sealed(), exchange, signature)
    refunds = stage.network.exchanges.contract.events.ExchangeRefunded()
    events = await stage.network.logs(refunds, exchangeId=exchange.id)
    after = await stage.network.exchanges.prepaid_of(RENTAL_AGENCY.identity)
    if [bytes(event["transactionHash"]) for event in events] != [mined.transaction_hash]:
        raise StoryBroken("the fee did not return in the transaction of the withdrawal")
    if after.balance - before.balance != exchange.fee:
        raise StoryBroken("the withdrawal did not return the whole fee")
    stage.narrator.step(
        "person",
        f"withdraws; the fee is back with {RENTAL_AGENCY.name} in the same transaction",
        gas=mined.gas_used,
        fee=-exchange.fee,
    )
    await must_fail(
        stage, BANK.name, "delivers all the same", consented.provider.prepare(exchange), ConsentryError, count=False
    )
    await keep_receipt(stage, "withdrawn", consented.given, exchange.id)


async def _expire(stage: Stage, person: Person) -> None:
    stage.narrator.act("A provider never delivers")
    consented = await consented_to(stage, CONNECT_UTILITY, person)
    exchange = await funded(stage, CONNECT_UTILITY, consented)
    early = stage.network.exchanges.refund_undelivered(exchange, STRANGER)
    await must_fail(stage, "stranger", "asks for the refund too early", early, ContractError, count=False)
    await pass_time(stage.network, DELIVERY_SECONDS + 1)
    stage.narrator.step("time", f"passes: {DELIVERY_SECONDS // 60} minutes, and the deadline with them")
    mined = await stage.network.exchanges.refund_undelivered(exchange, STRANGER)
    stage.narrator.step(
        "stranger",
        f"triggers the time-out, as anyone may; the fee is back with {UTILITY.name}",
        gas=mined.gas_used,
        fee=-exchange.fee,
    )
    await keep_receipt(stage, "expired", consented.given, exchange.id)


async def _reject_second_use(stage: Stage, used: Consented) -> None:
    stage.narrator.act("A consent is used twice")
    order = await used.consumer.order(used.request, used.given)
    again = stage.coordinator.fund(used.given.opened, b"", order)
    await must_fail(stage, RENTAL_AGENCY.name, "orders by a consent that is used up", again, ContractError)


async def _reject_stranger(stage: Stage, victim: Person, stranger: Person) -> None:
    stage.narrator.act("A stranger consents in somebody else's name")
    request = await stage.consumer(RENTAL_AGENCY).request(RENT.ask, BANK.identity)
    wallet = stranger.wallet(stage.network)
    given = await wallet.consent(await wallet.show(request), BANK.identity, BANK.name)
    provider = stage.provider(BANK)
    nobodys = provider.present(SessionId(secrets.token_urlsafe(16)), request, given)
    await must_fail(
        stage, "stranger", "presents a consent in nobody's session", nobodys, AuthenticationError, count=False
    )
    session = await stage.institutions.of(BANK).sign_in(victim)
    own = victim.wallet(stage.network)
    theirs = await own.consent(await own.show(request), BANK.identity, BANK.name)
    await provider.present(session.session_id, request, theirs)
    elsewhere = provider.present(session.session_id, request, given)
    await must_fail(
        stage, "stranger", "presents it in another customer's session", elsewhere, AuthenticationError, count=False
    )
    in_their_name = replace(theirs.opened.sealed(), nonce=random_nonce())
    forged = stage.network.consents.sign(in_their_name, STRANGER)
    granted = stage.network.consents.grant(in_their_name, forged, STRANGER)
    await must_fail(stage, "stranger", "signs a consent in that customer's name", granted, ContractError)


async def _reject_unaccredited(stage: Stage, person: Person) -> None:
    stage.narrator.act("A consumer asks for what it is not accredited for")
    consumer = stage.consumer(CAR_DEALER)
    request = await consumer.request(ask_of(IDENTITY, ("birthdate",), TENANCY, CAR_DEALER), BANK.identity)
    wallet = person.wallet(stage.network)
    await must_fail(
        stage, CAR_DEALER.name, "shows its request to a wallet", wallet.show(request), RequestRefused, count=False
    )
    # A wallet that shows what it did not check: the chain refuses all the same.
    dealer = await stage.network.identities.participant(CAR_DEALER.identity)
    unchecked = ShownRequest(request, request.request.terms, dealer)
    given = await wallet.consent(unchecked, BANK.identity, BANK.name)
    order = await consumer.order(request, given)
    funded = stage.coordinator.fund(given.opened, given.signature, order)
    await must_fail(stage, CAR_DEALER.name, "orders by a careless wallet's consent", funded, ContractError)


async def _pay_out(stage: Stage) -> None:
    """Everyone pulls what they earned."""
    stage.narrator.act("Everyone who made it work is paid")
    network = stage.network
    for participant, recruiter in RECRUITED.items():
        if await network.exchanges.recruiter_share_of(participant):
            mined = await network.exchanges.credit_recruiter(participant, STRANGER)
            stage.narrator.step(_name(recruiter), "is credited for the consumer that it recruited", gas=mined.gas_used)
    for host, _ in HOST_WEIGHTS:
        if await network.hosts.owed_to(host.identity):
            mined = await network.hosts.claim(host.identity, STRANGER)
            stage.narrator.step(host.name, "claims its part of the hosts' share", gas=mined.gas_used)
    for member in MEMBERS:
        earned = await network.exchanges.earned_of(member.identity)
        if earned:
            mined = await network.exchanges.withdraw_earned(member.identity, member.key)
            stage.narrator.step(member.name, f"takes out {credits_of(earned)}", gas=mined.gas_used)


async def _pay_one_unit_more(network: Network) -> None:
    """Sabotage: write one unit more into the bank's earnings than the split gave it."""
    escrow = network.exchanges.contract.address
    slot = keccak(bytes(12) + bytes.fromhex(BANK.identity[2:]) + EARNED_SLOT.to_bytes(32, "big"))
    word = int.from_bytes(await network.web3.eth.get_storage_at(escrow, int.from_bytes(slot, "big")), "big")
    changed = "0x" + (word + 1).to_bytes(32, "big").hex()
    await network.web3.provider.make_request(RPCEndpoint("anvil_setStorageAt"), [escrow, "0x" + slot.hex(), changed])


def _name(identity: ChecksumAddress) -> str:
    return next(member.name for member in MEMBERS if member.identity == identity)


# -------------------------------------------------------------------- the play


async def play(stage: Stage, *, sabotage: bool) -> tuple[str, ...]:
    """Play the story on a network that is up, and return everything that is not as it must be.

    Args:
        stage: What it is played with.
        sabotage: Whether one share pays one unit more than it should: the money must then not add up.

    Raises:
        ConsentryError: An act did not go as it must.
    """
    network = stage.network
    first, second = stage.institutions.people
    before = await count_money(network)
    await _grow(stage)
    await _change_fees(stage)
    used = await _settle(stage, RENT, first)
    await _settle(stage, OPEN_ACCOUNT, first)
    await _settle(stage, RENEW_LICENCE, second)
    await _settle(stage, CONNECT_UTILITY, first)
    if sabotage:
        await _pay_one_unit_more(network)
    await _refuse(stage, second)
    await _withdraw(stage, second)
    await _expire(stage, first)
    await _reject_second_use(stage, used)
    await _reject_stranger(stage, first, second)
    await _reject_unaccredited(stage, second)
    await settle_batch(stage)
    await lose_dispute(stage, first)
    await win_dispute(stage, second)
    await erase_late(stage, used, first)
    await _pay_out(stage)
    after = await count_money(network)
    await _count_from_chain(stage)
    await _check_receipts(stage)
    stage.narrator.balances(before, after)
    return _discrepancies(stage, before, after)


async def _count_from_chain(stage: Stage) -> None:
    stage.counts.settled = len(await stage.network.exchanges.settlements())
    causes = [cause for _, cause in await stage.network.exchanges.refunds()]
    stage.counts.withdrawn = causes.count(RefundCause.CONSENT_WITHDRAWN)
    stage.counts.expired = causes.count(RefundCause.NOT_DELIVERED)


async def _check_receipts(stage: Stage) -> None:
    stage.narrator.act("A third party checks the receipts with nothing but the files and the chain")
    rpc_url = stage.rpc_url
    for path in sorted(stage.receipts.glob("receipt-*.json")):
        verified = await verify_receipt(path.read_bytes(), rpc_url)
        facts = verified.receipt.exchange
        stage.narrator.step("third party", f"{path.name}: {facts.outcome.value if facts else 'not used'}, true")


def _discrepancies(stage: Stage, before: Money, after: Money) -> tuple[str, ...]:
    found = [*before.discrepancies(), *after.discrepancies()]
    if before.supply != after.supply:
        found.append(f"there were {before.supply} units and are {after.supply}")
    weights = {host.identity: weight for host, weight in HOST_WEIGHTS}
    expected = expected_changes(stage.settled, RECRUITED, stage.shares, weights)
    for forfeit in stage.forfeits:
        for member, change in ((forfeit.consumer, -forfeit.amount), (forfeit.provider, forfeit.amount)):
            expected[member.identity] = expected.get(member.identity, 0) + change
    for member in MEMBERS:
        change = after.balances[member.identity].total - before.balances[member.identity].total
        if change != expected.get(member.identity, 0):
            found.append(
                f"{member.name} has {change:+} units and the schedule says {expected.get(member.identity, 0):+}"
            )
    if not stage.counts.as_expected():
        found.append(f"the story must end with {EXPECTED}")
    return tuple(found)


async def _run(
    receipts: Path, folder: Path, data: Path, rpc_url: str, people: int, seed: int, sabotage: bool, narrator: Narrator
) -> int:
    narrator.act(f"Three systems of record, {people:,} people each")
    institutions = await open_institutions(data, people=people, seed=seed)
    try:
        narrator.step("institutions", f"open their records: {', '.join(institutions.names())}")
        narrator.act("The network comes up")
        brought_up = await bring_up(
            rpc_url, folder, lambda step: narrator.step(step.who, step.what, gas=step.gas_used)
        )
        try:
            stage = Stage(brought_up, institutions, narrator, receipts, rpc_url)
            found = await play(stage, sabotage=sabotage)
        finally:
            await brought_up.network.close()
    finally:
        await institutions.close()
    for discrepancy in found:
        narrator.line(f"wrong: {discrepancy}")
    verdict = "money conserved" if not found else "NOT as it must be"
    narrator.line(f"demo: {stage.counts.line()}, {verdict}")
    return 1 if found else 0


@contextmanager
def _chain(rpc_url: str | None) -> Iterator[str]:
    """Start a chain of the story's own, unless there is one."""
    if rpc_url is not None:
        yield rpc_url
        return
    with start_chain() as chain:
        yield chain.rpc_url


def main(
    receipts: Path,
    *,
    people: int,
    seed: int,
    console: Console,
    data: Path | None = None,
    sabotage: bool = False,
    rpc_url: str | None = None,
) -> int:
    """Bring a network up, play the story, and print how it ended.

    Args:
        receipts: Folder for the receipts; what an earlier run left in it is replaced.
        people: How many people each system of record holds.
        seed: Seed of the generated people.
        console: Where to print.
        data: Folder of the systems of record: made if they are not there, used as they are if they are; None for ones
            that go when the story ends.
        sabotage: Whether one share pays one unit more than it should.
        rpc_url: A local chain that nobody has used yet, or None for one of the story's own.

    Returns:
        0 when everything is as it must be, else 1.

    Raises:
        ConsentryError: A part is missing, or an act did not go as it must.
    """
    receipts.mkdir(parents=True, exist_ok=True)
    for stale in receipts.glob("*.json"):
        stale.unlink()
    with tempfile.TemporaryDirectory(prefix="consentry-demo-") as scratch, _chain(rpc_url) as url:
        folder = Path(scratch)
        chosen = folder / "data" if data is None else data
        return asyncio.run(_run(receipts, folder, chosen, url, people, seed, sabotage, Narrator(console)))
