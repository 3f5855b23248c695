"""Measure what the network's steps cost in gas and write `snapshots/gas.json`.

    python scripts/gas_snapshot.py            measure and write
    python scripts/gas_snapshot.py --check    measure, write nothing, and fail where the file says otherwise

Every figure is of steady state: all that is measured was done once before by the same participants, ledgers hold money,
only the subject and what it signs are new. All five shares of the fee are non-zero. Steps of consents and exchanges are
carried by a stranger, who pays the gas; what moves money is sent by whose money it is. Gas is what the receipt says,
with the transaction's base cost and calldata.

`exchange.stepwise` is `exchange.fund` (of a consent that was granted, which is `consent.grant`), `exchange.deliver` and
`exchange.accept`. Where the consent was not granted, its signature comes along and its slot is made then: that is
`exchange.fund_ungranted`.

Nothing in it varies: keys, seeds and nonces are fixed, the chain begins at a fixed instant and each block is a second
after the one before. A figure above its limit fails both forms.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Final

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import AsyncWeb3
from web3.types import RPCEndpoint

from consentry.client import Assurance, Exchange, Network, OpenedConsent
from consentry.client.batches import Batch, BatchItem
from consentry.client.consents import ALLOTTED_NONCES
from consentry.client.contract import Action
from consentry.client.exchanges import Delivery, Order, Shares
from consentry.client.identities import Admission, Role
from consentry.client.schemas import identifier_of
from consentry.client.signing import Signature
from consentry.client.transactions import Mined
from consentry.deployment import Parameters, deploy, load_parameters
from consentry.deployment.files import JsonValue
from consentry.deployment.plan import network_artifacts
from consentry.devchain import HARD_FORK, development_account, start_chain
from consentry.errors import ConsentryError
from consentry.schemas import PERSON_IDENTITY, TENANCY_SCREENING

SNAPSHOT: Final = Path(__file__).resolve().parents[1] / "snapshots" / "gas.json"

LIMITS: Final[Mapping[str, int]] = {
    "consent.grant": 92_000,
    "exchange.stepwise": 200_000,
    "exchange.single": 135_000,
    "exchange.batch.100": 18_500,
    "exchange.batch.250": 18_000,
}
"""Most gas by row, of a batch an item; docs/gas.md says where it goes."""

BATCHES: Final = (100, 250)
"""Items of the batches that are measured."""

GENESIS_AT: Final = 1_800_000_000
BLOCK_SECONDS: Final = 1
DAY_SECONDS: Final = 86_400
MEMBERSHIP_SECONDS: Final = 360 * DAY_SECONDS
FUND_WITHIN_SECONDS: Final = 3_600
DELIVER_WITHIN_SECONDS: Final = DAY_SECONDS
CHALLENGE_SECONDS: Final = DAY_SECONDS
CONSENT_SECONDS: Final = 30 * DAY_SECONDS
ISSUED_UNITS: Final = 10**10
PREPAID_UNITS: Final = 10**9

DEPLOYER: Final = development_account(0)
TREASURER: Final = development_account(3)
CONSUMER: Final = development_account(4)
PROVIDER: Final = development_account(5)
COORDINATOR: Final = development_account(6)
HOST: Final = development_account(7)
CHANNEL_PARTNER: Final = development_account(8)
OTHER_CHANNEL_PARTNER: Final = development_account(9)
STRANGER: Final = development_account(20)

FOUNDERS: Final = (CONSUMER, PROVIDER, COORDINATOR)
"""The first seats of the council, as the packaged parameters name them."""

ROLES: Final = (
    # recruiters first: who recruited whom is written at admission
    (CHANNEL_PARTNER, Role.CHANNEL_PARTNER, None),
    (OTHER_CHANNEL_PARTNER, Role.CHANNEL_PARTNER, None),
    (COORDINATOR, Role.COORDINATOR, None),
    (HOST, Role.HOST, None),
    (CONSUMER, Role.CONSUMER, CHANNEL_PARTNER),
    (PROVIDER, Role.PROVIDER, OTHER_CHANNEL_PARTNER),
)


class GasError(ConsentryError):
    """Say in one line which figure is not as it must be, and what to do."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured, and on what.

    Attributes:
        gas: Gas by row.
        chain_client: What the chain calls itself.
        compiler: Version and settings.
    """

    gas: Mapping[str, int]
    chain_client: str
    compiler: Mapping[str, JsonValue]

    def text(self) -> str:
        """Return the file that holds the figures."""
        document = {
            "chain_client": self.chain_client,
            "compiler": dict(self.compiler),
            "gas": dict(self.gas),
            "hard_fork": HARD_FORK,
        }
        return json.dumps(document, indent=2, sort_keys=True) + "\n"


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print every figure, and write or check the file.

    Args:
        words: Command line, or None for the process's own.

    Returns:
        Exit code: 0, or 1 after one line on standard error.
    """
    parser = argparse.ArgumentParser(description="Measure what the network's steps cost in gas.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the file says otherwise")
    options = parser.parse_args(words)
    try:
        measurement = measure()
        for row, gas in sorted(measurement.gas.items()):
            limit = f"  (at most {LIMITS[row]:,})" if row in LIMITS else ""
            print(f"{row:<36}{gas:>8,}{limit}")
        if options.check:
            check_snapshot(measurement)
        else:
            SNAPSHOT.write_text(measurement.text(), encoding="utf-8")
        check_limits(measurement.gas)
    except ConsentryError as error:
        print(f"gas: {error}", file=sys.stderr)
        return 1
    print(f"gas: {SNAPSHOT.name} {'is fresh' if options.check else 'written'}")
    return 0


def check_limits(gas: Mapping[str, int]) -> None:
    """Compare the figures with their limits.

    Raises:
        GasError: One is above.
    """
    above = [
        f"{row} takes {gas[row]:,} and at most {most:,} are allowed" for row, most in LIMITS.items() if gas[row] > most
    ]
    if above:
        raise GasError("; ".join(above))


def check_snapshot(measurement: Measurement) -> None:
    """Compare what was measured with the file.

    Raises:
        GasError: The file is missing or says otherwise; each row that differs is named.
    """
    mend = "if that is meant, run `make snapshots` and commit the result"
    try:
        text = SNAPSHOT.read_text(encoding="utf-8")
        recorded = json.loads(text)["gas"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GasError(f"{SNAPSHOT.name} cannot be read; run `make snapshots` and commit the result") from error
    rows = sorted(recorded.keys() | measurement.gas.keys())
    changed = [row for row in rows if recorded.get(row) != measurement.gas.get(row)]
    if changed:
        says = ", ".join(f"{row} {recorded.get(row)} (measured {measurement.gas.get(row)})" for row in changed)
        raise GasError(f"{SNAPSHOT.name} says {says}; {mend}")
    if text != measurement.text():
        raise GasError(f"{SNAPSHOT.name} names another compiler, setting, chain client or hard fork; {mend}")


def measure() -> Measurement:
    """Deploy a network on a chain of its own and measure.

    Raises:
        ConsentryError: The chain cannot be started, or refuses a step.
    """
    compilers = {json.dumps(artifact.compiler, sort_keys=True) for artifact in network_artifacts()}
    if len(compilers) != 1:
        raise GasError("the packaged contracts come from different compilers; run `make compile`")
    with start_chain(genesis_at=GENESIS_AT) as chain, tempfile.TemporaryDirectory(prefix="consentry-gas-") as folder:
        return asyncio.run(_measure(chain.rpc_url, Path(folder)))


async def _measure(rpc_url: str, folder: Path) -> Measurement:
    clock = AsyncWeb3(AsyncWeb3.AsyncHTTPProvider(rpc_url))
    await clock.provider.make_request(RPCEndpoint("anvil_setBlockTimestampInterval"), [BLOCK_SECONDS])
    manifest = deploy(rpc_url, DEPLOYER, load_parameters(), folder / "manifest.json")
    async with await Network.connect(rpc_url, manifest.address("NetworkDirectory")) as network:
        meter = _Meter(network, manifest.parameters, clock)
        await meter.prepare()
        for _ in range(2):
            # The first time everything is new; the figures of the second stay.
            await meter.walk()
        client = await network.web3.client_version
    await clock.provider.disconnect()
    stepwise = sum(meter.gas[f"exchange.{step}"] for step in ("fund", "deliver", "accept"))
    gas = {**meter.gas, "exchange.stepwise": stepwise}
    return Measurement(gas, client, manifest.compiler)


_GRANTED: Final = Signature(b"")
"""In place of the signature of a consent that was granted before."""


@dataclass(frozen=True, slots=True)
class _Given:
    """A consent, whose it is, and its signature."""

    opened: OpenedConsent
    subject: LocalAccount
    signature: Signature


class _Meter:
    """Take every step that is measured, with participants who stay and subjects who are new."""

    def __init__(self, network: Network, parameters: Parameters, clock: AsyncWeb3) -> None:  # type: ignore[type-arg]
        self.gas: dict[str, int] = {}
        self._network = network
        self._parameters = parameters
        self._clock = clock
        self._subjects = 0
        self._allotted = 0

    async def prepare(self) -> None:
        """Admit and accredit everyone, and fill the consumer's balance."""
        network = self._network
        charter = await network.charter.version()
        for founder in FOUNDERS:
            await network.charter.sign(charter, founder.address, founder, STRANGER)
        for member, roles, recruiter in ROLES:
            legal_id = keccak(text=f"register number of {member.address}")
            recruited_by = None if recruiter is None else recruiter.address
            admission = Admission(member.address, roles, "CA", legal_id, recruited_by)
            invitation = None
            if recruiter is not None:
                invited_until = await network.now() + DAY_SECONDS
                invitation = network.charter.invite(admission, invited_until, 0, recruiter)
            await network.charter.apply(admission, member, STRANGER, invitation)
            await self._carry_out(network.identities.admit(admission))
        until = await network.now() + MEMBERSHIP_SECONDS
        schemas = network.schemas
        for action in (
            schemas.accredit_consumer(CONSUMER.address, PERSON_IDENTITY, TENANCY_SCREENING, until),
            schemas.accredit_provider(PROVIDER.address, PERSON_IDENTITY, Assurance.HIGH, until),
            network.hosts.set_weight(HOST.address, 1),
        ):
            await self._carry_out(action)
        await network.credit.issue(CONSUMER.address, ISSUED_UNITS, keccak(text="invoice"), TREASURER)
        await network.credit.allow(ISSUED_UNITS, CONSUMER)

    async def walk(self) -> None:
        """Take every step once and note its gas; everything is spent at the end that can be."""
        network, exchanges = self._network, self._network.exchanges
        self._note("escrow.deposit", await exchanges.deposit(CONSUMER.address, PREPAID_UNITS, CONSUMER))
        # An exchange before the measured one: what the end of an earlier walk emptied holds money again.
        await self._accept(*await self._deliver(await self._fund(await self._consent())))

        given = await self._consent()
        await self._grant(given, "consent.grant")
        exchange = await self._fund(replace(given, signature=_GRANTED), "exchange.fund")
        await self._accept(*await self._deliver(exchange, "exchange.deliver"), "exchange.accept")

        await self._exchange(await self._consent(), "exchange.single")
        await self._exchange(await self._consent(), "exchange.single_unaccepted", is_accepted=False)
        for count in BATCHES:
            await self._settle_batch(count, f"exchange.batch.{count}")

        given = await self._consent()
        await self._grant(given)
        await self._withdraw(given, None, "consent.withdraw")

        given = await self._consent()
        exchange = await self._fund(given, "exchange.fund_ungranted")
        await self._withdraw(given, exchange, "consent.withdraw_funded")

        exchange, reason = await self._fund(await self._consent()), keccak(text="not our customer")
        signature = exchanges.sign_decline(exchange, reason, PROVIDER)
        declined = await exchanges.decline(exchange, reason, PROVIDER.address, signature, STRANGER)
        self._note("exchange.decline", declined)

        exchange = await self._fund(await self._consent())
        await self._mine_at(exchange.deliver_by + 1)
        self._note("exchange.refund_undelivered", await exchanges.refund_undelivered(exchange, STRANGER))

        exchange, delivery = await self._deliver(await self._fund(await self._consent()))
        await self._mine_at(delivery.delivered_at + exchange.challenge_seconds + 1)
        settled = await exchanges.settle_unchallenged(exchange, delivery, STRANGER)
        self._note("exchange.settle_unchallenged", settled)

        exchange, delivery = await self._deliver(await self._fund(await self._consent()))
        reason = keccak(text="not what was asked for")
        signature = exchanges.sign_dispute(exchange, delivery.ciphertext_hash, reason, CONSUMER)
        _, disputed = await exchanges.dispute(exchange, delivery, reason, CONSUMER.address, signature, STRANGER)
        self._note("exchange.dispute", disputed)

        for participant, name in ((CONSUMER, "consumer"), (PROVIDER, "provider")):
            credited = await exchanges.credit_recruiter(participant.address, STRANGER)
            self._note(f"escrow.credit_recruiter_of_{name}", credited)
        self._note("host_rewards.claim", await network.hosts.claim(HOST.address, STRANGER))
        for earner in (COORDINATOR, HOST, CHANNEL_PARTNER, OTHER_CHANNEL_PARTNER, PROVIDER):
            self._note("escrow.withdraw_earned", await exchanges.withdraw_earned(earner.address, earner))
        amount = PREPAID_UNITS // 10
        announced = await exchanges.announce_withdrawal(CONSUMER.address, amount, CONSUMER)
        self._note("escrow.announce_withdrawal", announced)
        await self._mine_at(await network.now() + self._parameters.exchange.notice_seconds + 1)
        self._note("escrow.withdraw_prepaid", await exchanges.withdraw_prepaid(CONSUMER.address, CONSUMER))

    async def _carry_out(self, action: Action) -> None:
        """Do what the council's timelock would, without a vote; the chain lets anyone send in its name."""
        timelock = self._network.addresses["CouncilTimelock"]
        ask = self._clock.provider.make_request
        await ask(RPCEndpoint("anvil_setBalance"), [timelock, hex(10**18)])
        await ask(RPCEndpoint("anvil_impersonateAccount"), [timelock])
        sent = await self._clock.eth.send_transaction(
            {"from": timelock, "to": action.target, "data": HexBytes(action.data)}
        )
        receipt = await self._clock.eth.wait_for_transaction_receipt(sent)
        if receipt["status"] != 1:
            raise GasError(f"{action.name} was refused; see what the contract's rules are now")

    async def _consent(self, nonce: int | None = None) -> _Given:
        self._subjects += 1
        subject: LocalAccount = Account.from_key(keccak(text=f"subject {self._subjects}"))
        now = await self._network.now()
        random_nonce = int.from_bytes(keccak(text=f"nonce {self._subjects}")[:16], "big") | ALLOTTED_NONCES
        opened = OpenedConsent(
            subject=subject.address,
            consumer=CONSUMER.address,
            provider=PROVIDER.address,
            schema=identifier_of(PERSON_IDENTITY),
            purpose=identifier_of(TENANCY_SCREENING),
            assurance=Assurance.SUBSTANTIAL,
            seed=keccak(text=f"seed {self._subjects}"),
            terms=keccak(text=f"terms {self._subjects}"),
            valid_from=now,
            valid_until=now + CONSENT_SECONDS,
            erase_by=now + 2 * CONSENT_SECONDS,
            max_uses=1,
            nonce=random_nonce if nonce is None else nonce,
        )
        return _Given(opened, subject, self._network.consents.sign(opened.sealed(), subject))

    async def _grant(self, given: _Given, row: str | None = None) -> None:
        granted = await self._network.consents.grant(given.opened.sealed(), given.signature, STRANGER)
        self._note(row, granted)

    async def _withdraw(self, given: _Given, exchange: Exchange | None, row: str) -> None:
        consents, consent = self._network.consents, given.opened.sealed()
        signature = consents.sign_withdrawal(consent.id(consents.domain), given.subject)
        self._note(row, await consents.withdraw(consent, exchange, signature, STRANGER))

    async def _order(self) -> tuple[Order, Shares]:
        network = self._network
        consumer = await network.identities.participant(CONSUMER.address)
        provider = await network.identities.participant(PROVIDER.address)
        quote = await network.fees.quote(1, PERSON_IDENTITY, Assurance.SUBSTANTIAL, consumer, provider)
        if 0 in astuple(quote.shares):
            raise GasError(f"a share of the fee is zero: {quote.shares}")
        now = await network.now()
        order = Order(
            recipient_key_hash=keccak(text=f"one-time key {self._subjects}"),
            coordinator=COORDINATOR.address,
            schedule_version=quote.version,
            fee=quote.fee,
            fund_by=now + FUND_WITHIN_SECONDS,
            deliver_by=now + DELIVER_WITHIN_SECONDS,
            challenge_seconds=CHALLENGE_SECONDS,
            signer=CONSUMER.address,
        )
        return order, quote.shares

    async def _fund(self, given: _Given, row: str | None = None) -> Exchange:
        exchanges, (order, _) = self._network.exchanges, await self._order()
        consent_id = given.opened.sealed().id(self._network.consents.domain)
        signature = exchanges.sign_order(order, consent_id, 1, CONSUMER)
        funding, funded = await exchanges.fund(given.opened, order, given.signature, signature, STRANGER)
        self._note(row, funded)
        return funding.exchange

    async def _exchange(self, given: _Given, row: str, *, is_accepted: bool = True) -> None:
        exchanges, (order, shares) = self._network.exchanges, await self._order()
        consent_id = given.opened.sealed().id(self._network.consents.domain)
        exchange, ciphertext_hash = order.exchange(given.opened, consent_id, 1, shares), keccak(text=row)
        order_signature = exchanges.sign_order(order, consent_id, 1, CONSUMER)
        delivery = (PROVIDER.address, exchanges.sign_delivery(exchange, ciphertext_hash, PROVIDER))
        acceptance = (CONSUMER.address, exchanges.sign_acceptance(exchange, ciphertext_hash, CONSUMER))
        _, _, mined = await exchanges.exchange(
            given.opened,
            order,
            given.signature,
            order_signature,
            ciphertext_hash,
            delivery,
            acceptance if is_accepted else None,
            STRANGER,
        )
        self._note(row, mined)

    async def _settle_batch(self, count: int, row: str) -> None:
        """Settle a batch under nonces whose words hold bits already, and note the gas of an item, rounded up."""
        batches, (order, _) = self._network.batches, await self._order()
        items = []
        for _ in range(count):
            given = await self._consent(nonce=self._allotted)
            self._allotted += 1
            key_hash, ciphertext_hash = keccak(text=f"key {self._subjects}"), keccak(text=f"jwe {self._subjects}")
            items.append(BatchItem(given.opened, given.signature, key_hash, ciphertext_hash))
        batch = Batch.of(
            items,
            coordinator=COORDINATOR.address,
            schedule_version=order.schedule_version,
            fee=order.fee,
            relayer=STRANGER.address,
            deadline=order.fund_by,
            nonce=self._subjects,
        )
        words = [(party.address, batches.sign(batch, items, party)) for party in (CONSUMER, PROVIDER)]
        settled, mined = await batches.exchange_batch(batch, items, words[0], words[1], STRANGER)
        if settled.count != count:
            raise GasError(f"of {count} items {settled.count} were settled")
        self.gas[row] = -(-mined.gas_used // count)

    async def _deliver(self, exchange: Exchange, row: str | None = None) -> tuple[Exchange, Delivery]:
        exchanges, ciphertext_hash = self._network.exchanges, keccak(text=f"ciphertext {self._subjects}")
        signature = exchanges.sign_delivery(exchange, ciphertext_hash, PROVIDER)
        delivery, delivered = await exchanges.deliver(exchange, ciphertext_hash, PROVIDER.address, signature, STRANGER)
        self._note(row, delivered)
        return exchange, delivery

    async def _accept(self, exchange: Exchange, delivery: Delivery, row: str | None = None) -> None:
        exchanges = self._network.exchanges
        signature = exchanges.sign_acceptance(exchange, delivery.ciphertext_hash, CONSUMER)
        self._note(row, await exchanges.accept(exchange, delivery, CONSUMER.address, signature, STRANGER))

    async def _mine_at(self, instant: int) -> None:
        await self._clock.provider.make_request(RPCEndpoint("evm_mine"), [instant])

    def _note(self, row: str | None, mined: Mined) -> None:
        if row is not None:
            self.gas[row] = mined.gas_used


if __name__ == "__main__":
    sys.exit(main())
