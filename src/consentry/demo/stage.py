"""What the story is played with, and the steps that its acts share."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path

from eth_utils.crypto import keccak

from consentry.client.assurance import Assurance
from consentry.client.consents import GivenConsent
from consentry.client.consumer import Ask, Consumer
from consentry.client.coordinator import Coordinator
from consentry.client.exchanges import Exchange, ExchangeId, Shares
from consentry.client.network import Network
from consentry.client.provider import Provider
from consentry.client.receipts import make_receipt
from consentry.client.requests import SignedRequest
from consentry.client.wallet import Wallet
from consentry.demo.bring_up import (
    ACCOUNT,
    ACCOUNT_OPENING,
    IDENTITY,
    LICENCE,
    LICENCE_RENEWAL,
    RESIDENCE,
    TENANCY,
    UTILITY_CONNECTION,
    BroughtUp,
    issuer_key_of,
)
from consentry.demo.cast import BANK, LICENCE_OFFICE, RENTAL_AGENCY, SECOND_BANK, UTILITY, Member
from consentry.demo.governance import Step
from consentry.demo.institutions import Institutions, Person
from consentry.demo.narration import Narrator
from consentry.errors import ConsentryError
from consentry.records import Controller, Notice, hex_hash

DELIVERY_SECONDS = 3_600
"""Time that the story gives a provider to deliver."""

EXPECTED = {"settled": 4, "refused": 1, "withdrawn": 1, "expired": 1, "rejected": 3}
"""How often each thing happens in the story."""


@dataclass(slots=True)
class Counts:
    """What happened. Settled, withdrawn and expired are counted from the chain at the end."""

    refused: int = 0
    rejected: int = 0
    settled: int = 0
    withdrawn: int = 0
    expired: int = 0

    def line(self) -> str:
        """Return the counts as the story's last line gives them."""
        return (
            f"{self.settled} settled, {self.refused} refused, {self.withdrawn} withdrawn,"
            f" {self.expired} expired, {self.rejected} rejected"
        )

    def as_expected(self) -> bool:
        """Return whether everything happened as often as the story tells."""
        return all(getattr(self, name) == count for name, count in EXPECTED.items())


class StoryBroken(ConsentryError):
    """Something in the story did not go as it must."""


@dataclass(frozen=True, slots=True)
class Forfeit:
    """A bond, in token units, that a consumer lost to a provider."""

    consumer: Member
    provider: Member
    amount: int


@dataclass(slots=True)
class Stage:
    """Everything that the story is played with."""

    brought_up: BroughtUp
    institutions: Institutions
    narrator: Narrator
    receipts: Path
    rpc_url: str
    counts: Counts = field(default_factory=Counts)
    settled: list[Exchange] = field(default_factory=list)
    forfeits: list[Forfeit] = field(default_factory=list)

    @property
    def network(self) -> Network:
        """The network."""
        return self.brought_up.network

    @property
    def shares(self) -> Shares:
        """The shares that the network was deployed with."""
        voted = self.brought_up.parameters.fees.shares
        return Shares(
            voted.provider, voted.coordinator, voted.hosts, voted.consumer_recruiter, voted.provider_recruiter
        )

    @property
    def coordinator(self) -> Coordinator:
        """The bank, which also coordinates."""
        return Coordinator(self.network, BANK.identity, BANK.key)

    def report(self, step: Step) -> None:
        """Tell a step of the council's."""
        self.narrator.step(step.who, step.what, gas=step.gas_used)

    def consumer(self, member: Member) -> Consumer:
        """Open a consumer of the story."""
        controller = Controller(self.network.did(member.identity), member.name, member.address_line, member.contact)
        return Consumer(self.network, member.identity, member.key, controller)

    def provider(self, member: Member) -> Provider:
        """Open a provider of the story with its own system of record and its own sign-in."""
        institution = self.institutions.of(member)
        return Provider(
            self.network,
            member.identity,
            member.key,
            issuer_key_of(member),
            institution.source,
            institution.sessions,
        )


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a person wants done.

    Attributes:
        title: As people would say it.
        consumer: Who needs facts.
        provider: Who knows them.
        ask: What is asked for.
    """

    title: str
    consumer: Member
    provider: Member
    ask: Ask


@dataclass(frozen=True, slots=True)
class Consented:
    """A request that a person consented to, and the provider took in their session."""

    consumer: Consumer
    provider: Provider
    wallet: Wallet
    request: SignedRequest
    given: GivenConsent


def ask_of(schema: str, attributes: tuple[str, ...], purpose: str, member: Member) -> Ask:
    """Return what a member asks for, with the promises that it makes for it."""
    notice = f"{member.name} uses these facts for the purpose stated, keeps them for 90 days, and sells them to nobody."
    site = member.contact.split("@")[1]
    return Ask(
        schema=schema,
        attributes=attributes,
        purpose=purpose,
        assurance=Assurance.SUBSTANTIAL,
        notice=Notice(f"https://{site}/privacy", "en", hex_hash(keccak(text=notice))),
        jurisdiction=member.jurisdiction,
        storage_locations=(member.jurisdiction,),
        recipients=(member.name,),
        withdrawal_method="In the wallet in which you consented, at any time",
        valid_seconds=7_200,
    )


RENT = Case(
    "rent an apartment",
    RENTAL_AGENCY,
    BANK,
    ask_of(IDENTITY, ("given_name", "family_name", "birthdate", "address"), TENANCY, RENTAL_AGENCY),
)
OPEN_ACCOUNT = Case(
    "open a bank account",
    SECOND_BANK,
    LICENCE_OFFICE,
    ask_of(
        LICENCE,
        ("given_name", "family_name", "birth_date", "document_number", "expiry_date"),
        ACCOUNT_OPENING,
        SECOND_BANK,
    ),
)
RENEW_LICENCE = Case(
    "renew a driving licence",
    LICENCE_OFFICE,
    UTILITY,
    ask_of(RESIDENCE, ("given_name", "family_name", "address"), LICENCE_RENEWAL, LICENCE_OFFICE),
)
CONNECT_UTILITY = Case(
    "connect a utility",
    UTILITY,
    BANK,
    ask_of(ACCOUNT, ("given_name", "family_name", "iban"), UTILITY_CONNECTION, UTILITY),
)


# -------------------------------------------------------------------- steps that every case shares


async def consented_to(stage: Stage, case: Case, person: Person) -> Consented:
    """A consumer asks, the person reads and consents, signs in at the provider, and presents the consent there."""
    tell = stage.narrator
    consumer, provider = stage.consumer(case.consumer), stage.provider(case.provider)
    wallet = person.wallet(stage.network)
    request = await consumer.request(case.ask, BANK.identity)
    tell.step(case.consumer.name, f"asks for {', '.join(case.ask.attributes)}: {request.request.terms.purpose_text}")
    shown = await wallet.show(request)
    given = await wallet.consent(shown, case.provider.identity, case.provider.name)
    tell.step("person", f"reads who asks, for what and how long; consents, with {case.provider.name} as the source")
    session = await stage.institutions.of(case.provider).sign_in(person)
    tell.step("person", f"signs in at {case.provider.name} with the one-time code that it sent")
    await provider.present(session.session_id, request, given)
    tell.step(case.provider.name, "shows the same request and binds the session to the consent")
    granted = await stage.coordinator.grant(given.opened.sealed(), given.signature)
    tell.step(BANK.name, "carries the consent to the chain", gas=granted.gas_used)
    return Consented(consumer, provider, wallet, request, given)


async def funded(stage: Stage, case: Case, consented: Consented) -> Exchange:
    """Let the consumer order, and the exchange be funded."""
    order = await consented.consumer.order(
        consented.request, consented.given, deliver_within_seconds=DELIVERY_SECONDS
    )
    funding, mined = await stage.coordinator.fund(consented.given.opened, b"", order)
    stage.narrator.step(
        BANK.name,
        f"carries {case.consumer.name}'s order: the consent is used, the fee set aside",
        gas=mined.gas_used,
        fee=funding.exchange.fee,
    )
    return funding.exchange


async def deliver_and_accept(stage: Stage, case: Case, consented: Consented, exchange: Exchange) -> None:
    """Deliver, hand over, verify and accept: the fee splits."""
    tell = stage.narrator
    prepared = await consented.provider.prepare(exchange)
    _, mined = await stage.coordinator.deliver(prepared)
    tell.step(
        case.provider.name,
        "reads its own record, signs and encrypts just those attributes, commits to the ciphertext",
        gas=mined.gas_used,
    )
    ciphertext = await consented.provider.hand_over(exchange)
    credential = await consented.consumer.open(exchange, consented.given, ciphertext)
    tell.step(case.consumer.name, f"decrypts and verifies: {tell.claims(credential.claims)}")
    mined = await stage.coordinator.accept(await consented.consumer.acceptance(exchange))
    tell.step(case.consumer.name, "accepts; the fee splits", gas=mined.gas_used)
    stage.settled.append(exchange)


async def keep_receipt(stage: Stage, name: str, given: GivenConsent, exchange_id: ExchangeId | None) -> None:
    """Make a receipt and keep it."""
    receipt = await make_receipt(stage.network, given, exchange_id)
    path = stage.receipts / f"receipt-{name}.json"
    path.write_bytes(receipt.to_bytes())
    stage.narrator.step("everyone", f"keeps a receipt: {path.name}")


async def must_fail(
    stage: Stage,
    who: str,
    what: str,
    attempt: Awaitable[object],
    refusal: type[ConsentryError],
    *,
    count: bool = True,
) -> None:
    """Await an attempt that must be refused in the way given, and tell of it."""
    try:
        await attempt
    except refusal as error:
        stage.narrator.step(who, f"{what}: refused ({error})")
    else:
        raise StoryBroken(f"{who} {what}, and nobody refused")
    if count:
        stage.counts.rejected += 1
