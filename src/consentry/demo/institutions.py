"""The institutions of the story, each with its own system of record, sign-in and sessions; and two people they know."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from pathlib import Path

from consentry.client.network import Network
from consentry.client.wallet import Wallet
from consentry.demo.cast import BANK, LICENCE_OFFICE, UTILITY, Member
from consentry.errors import ConsentryError
from consentry.sources import OneTimeCodes, Outbox, Session, Sessions, SqlSource, packaged_mapping
from consentry.sources.generation import PEOPLE_FILE, KnownPerson, generate, read_generated


class TooFewPeople(ConsentryError):
    """Raised when fewer than two people are known to all the institutions with everything that the story needs."""

    def __init__(self) -> None:
        super().__init__("the story needs two people whom all institutions know completely: generate more people")


class Person:
    """A person of the story: knows by what they sign in to each institution, and has a wallet."""

    def __init__(self, identifiers: dict[Member, str]) -> None:
        """Make a person whose wallet is new.

        Args:
            identifiers: By what they sign in to each institution.
        """
        self._identifiers = identifiers
        self._seed = secrets.token_bytes(32)
        self._wallets: dict[Network, Wallet] = {}

    def wallet(self, network: Network) -> Wallet:
        """Return their wallet on a network: the same each time, so that each consent has a key of its own."""
        return self._wallets.setdefault(network, Wallet(network, self._seed))

    def identifier(self, member: Member) -> str:
        """Return what they sign in by to an institution."""
        return self._identifiers[member]


@dataclass(frozen=True, slots=True)
class Institution:
    """An institution of the story.

    Attributes:
        member: Which one.
        source: Its system of record.
        codes: Its sign-in.
        outbox: Where its one-time codes arrive.
        sessions: The sessions of those who signed in.
    """

    member: Member
    source: SqlSource
    codes: OneTimeCodes
    outbox: Outbox
    sessions: Sessions

    async def sign_in(self, person: Person) -> Session:
        """Sign a person in by the code that is sent to the contact in the institution's record.

        Raises:
            AuthenticationError: They cannot sign in.
            SourceError: Their record has no usable contact.
        """
        identifier = person.identifier(self.member)
        challenge = await self.codes.begin(identifier)
        contact = await self.source.contact(await self.source.find(identifier))
        code = self.outbox.messages(contact.address)[-1].code
        return self.sessions.open(await self.codes.complete(challenge.challenge_id, code))


class Institutions:
    """The story's institutions."""

    def __init__(
        self, institutions: dict[Member, Institution], people: tuple[Person, Person], customers: tuple[Person, ...]
    ) -> None:
        """Hold them; use :func:`open_institutions` instead.

        Args:
            institutions: By member.
            people: Two people whom all of them know.
            customers: Who can sign in at the bank.
        """
        self._institutions = institutions
        self.people = people
        self.customers = customers

    def of(self, member: Member) -> Institution:
        """Return a member's institution."""
        return self._institutions[member]

    def names(self) -> tuple[str, ...]:
        """Return what they are called."""
        return tuple(member.name for member in self._institutions)

    async def close(self) -> None:
        """Let go of the systems of record."""
        for institution in self._institutions.values():
            await institution.source.close()


async def open_institutions(folder: Path, *, people: int, seed: int) -> Institutions:
    """Open the systems of record of the story's institutions.

    Args:
        folder: Where they are; made there if there are none.
        people: How many people each institution knows, if they are made.
        seed: Seed of the people, if they are made.

    Returns:
        The institutions.

    Raises:
        GenerationError: They cannot be made, or who is who cannot be read.
        SourceError: A mapping is not there or does not fit its system of record, or that cannot be read.
        TooFewPeople: They know too few people.
    """
    if (folder / PEOPLE_FILE).exists():
        found = await asyncio.to_thread(read_generated, folder)
    else:
        found = await asyncio.to_thread(generate, folder, people=people, seed=seed)
    complete = [_person(one) for one in found.people if one.is_complete][:2]
    if len(complete) < 2:
        raise TooFewPeople
    institutions: dict[Member, Institution] = {}
    customers = tuple(_person(one) for one in found.people if one.bank is not None and one.is_complete)
    opened = Institutions(institutions, (complete[0], complete[1]), customers)
    try:
        for member, file in ((BANK, found.bank), (LICENCE_OFFICE, found.licence_office), (UTILITY, found.utility)):
            # Each has the packaged mapping of the same name.
            source = await SqlSource.open(f"sqlite+aiosqlite:///{file}", packaged_mapping(file.stem))
            outbox = Outbox(folder / "outbox" / file.stem)
            codes = OneTimeCodes(source, outbox, sender=member.name)
            institutions[member] = Institution(member, source, codes, outbox, Sessions())
    except BaseException:
        await opened.close()
        raise
    return opened


def _person(known: KnownPerson) -> Person:
    identifiers = ((BANK, known.bank), (LICENCE_OFFICE, known.licence_office), (UTILITY, known.utility))
    return Person({member: identifier for member, identifier in identifiers if identifier is not None})
