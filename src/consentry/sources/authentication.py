"""How an institution finds out who a person is, and its default way: a one-time code to the contact in their record.

Whoever begins to sign in learns nothing from it: where nobody, or more than one, goes by an identifier, or the record
has no usable contact, a challenge is opened all the same, and no code ever answers it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
import time
import unicodedata
from dataclasses import dataclass
from typing import Final, NewType, Protocol

from consentry.sources.couriers import Courier, Message
from consentry.sources.errors import (
    AmbiguousPerson,
    AmbiguousRecord,
    ChallengeExpired,
    ChallengeLocked,
    ChallengeUnknown,
    CodeRefused,
    ContactUnusable,
    PersonNotFound,
    RecordNotFound,
    TooManyChallenges,
)
from consentry.sources.sessions import Clock
from consentry.sources.source import Contact, RecordKey, Source

ChallengeId = NewType("ChallengeId", str)
"""Names a sign-in that was begun."""

LEAST_CODE_DIGITS: Final = 6
MOST_CODE_DIGITS: Final = 12

_ASCII_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@dataclass(frozen=True, slots=True)
class Challenge:
    """A sign-in that was begun.

    Attributes:
        challenge_id: Its id.
        expires_at: First instant at which an answer comes too late; Unix seconds.
    """

    challenge_id: ChallengeId
    expires_at: int


class Authenticator(Protocol):
    """Finds out who a person is. An institution plugs its own sign-in in here."""

    async def begin(self, sign_in_identifier: str) -> Challenge:
        """Begin to sign a person in.

        Args:
            sign_in_identifier: What the person names themself by to this institution.

        Returns:
            The challenge, whether anybody goes by that identifier or not.

        Raises:
            TooManyChallenges: Too many were begun.
            CourierError: A message cannot be sent now.
            SourceUnavailable: The system of record cannot be read now.
            SourceTimeout: It does not answer in time.
        """
        ...

    async def complete(self, challenge_id: ChallengeId, answer: str) -> RecordKey:
        """Complete a sign-in.

        Args:
            challenge_id: The challenge.
            answer: What the person answers.

        Returns:
            Key of the person's record.

        Raises:
            ChallengeUnknown: No such challenge, or it was completed.
            ChallengeExpired: The answer comes too late.
            ChallengeLocked: Too many answers were wrong.
            CodeRefused: The answer is wrong.
        """
        ...


@dataclass(frozen=True, slots=True)
class CodeRules:
    """What holds of one-time codes. The defaults leave an attacker 15 guesses an hour among a million codes.

    Attributes:
        digits: Length of a code; 6 to 12.
        code_seconds: How long it is good for.
        tries: How many answers a challenge takes.
        unused_codes: How many codes one person may ask for without using them, in a period.
        period_seconds: Length of that period.
    """

    digits: int = 6
    code_seconds: int = 300
    tries: int = 3
    unused_codes: int = 5
    period_seconds: int = 3_600

    def __post_init__(self) -> None:
        if not LEAST_CODE_DIGITS <= self.digits <= MOST_CODE_DIGITS:
            raise ValueError(f"a code has {LEAST_CODE_DIGITS} to {MOST_CODE_DIGITS} digits")
        if min(self.code_seconds, self.tries, self.unused_codes, self.period_seconds) < 1:
            raise ValueError("times and numbers of tries and codes are at least 1")


DEFAULT_CODE_RULES: Final = CodeRules()


@dataclass(slots=True)
class _Open:
    record: RecordKey | None
    code_hash: bytes
    expires_at: int
    tries_left: int
    asker: bytes
    asked_at: int


class OneTimeCodes:
    """Signs people in by a code that is sent to the contact in their record. It is an :class:`Authenticator`.

    Challenges are held in memory, and of a code only its hash under a key that this object alone has: a restart ends
    them all.
    """

    def __init__(
        self,
        source: Source,
        courier: Courier,
        *,
        sender: str,
        rules: CodeRules = DEFAULT_CODE_RULES,
        clock: Clock = time.time,
    ) -> None:
        """Begin with no challenges.

        Args:
            source: The institution's system of record.
            courier: Brings the codes.
            sender: What the institution is called in messages.
            rules: What holds of the codes.
            clock: Tells the time.
        """
        self._source = source
        self._courier = courier
        self._sender = sender
        self._rules = rules
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._open: dict[ChallengeId, _Open] = {}
        self._unused: dict[bytes, list[int]] = {}

    async def begin(self, sign_in_identifier: str) -> Challenge:
        """Send a code; see :meth:`Authenticator.begin`."""
        now = int(self._clock())
        self._forget(now)
        record = await self._record(sign_in_identifier)
        asker = self._asker(sign_in_identifier, record)
        self._count(asker, now)
        contact = None if record is None else await self._contact(record)
        challenge = Challenge(ChallengeId(secrets.token_urlsafe(16)), now + self._rules.code_seconds)
        code = f"{secrets.randbelow(10**self._rules.digits):0{self._rules.digits}}"
        if contact is not None:
            await self._courier.send(contact, Message(self._sender, code, challenge.expires_at))
        self._open[challenge.challenge_id] = _Open(
            record=None if contact is None else record,
            code_hash=self._hash("code", challenge.challenge_id, code),
            expires_at=challenge.expires_at,
            tries_left=self._rules.tries,
            asker=asker,
            asked_at=now,
        )
        return challenge

    async def complete(self, challenge_id: ChallengeId, answer: str) -> RecordKey:
        """Check a code, which is then used up; see :meth:`Authenticator.complete`."""
        challenge = self._open.get(challenge_id)
        if challenge is None:
            raise ChallengeUnknown
        if self._clock() >= challenge.expires_at:
            raise ChallengeExpired(challenge.expires_at)
        if challenge.tries_left == 0:
            raise ChallengeLocked
        challenge.tries_left -= 1
        answered = self._hash("code", challenge_id, "".join(answer.split()))
        is_right = hmac.compare_digest(answered, challenge.code_hash)
        if not is_right or challenge.record is None:
            if challenge.tries_left == 0:
                raise ChallengeLocked
            raise CodeRefused(challenge.tries_left)
        del self._open[challenge_id]
        unused = self._unused.get(challenge.asker, [])
        if challenge.asked_at in unused:
            unused.remove(challenge.asked_at)
        return challenge.record

    async def _record(self, sign_in_identifier: str) -> RecordKey | None:
        try:
            return await self._source.find(sign_in_identifier)
        except (PersonNotFound, AmbiguousPerson):
            return None

    async def _contact(self, record: RecordKey) -> Contact | None:
        try:
            return await self._source.contact(record)
        except (RecordNotFound, AmbiguousRecord, ContactUnusable):
            return None

    def _asker(self, sign_in_identifier: str, record: RecordKey | None) -> bytes:
        """Name whom codes are counted for, however they write their identifier, without keeping it."""
        if record is not None:
            return self._hash("record", record)
        written = unicodedata.normalize("NFC", sign_in_identifier).strip().translate(_ASCII_LOWER)
        return self._hash("identifier", written)

    def _count(self, asker: bytes, now: int) -> None:
        since = now - self._rules.period_seconds
        unused = [asked_at for asked_at in self._unused.get(asker, ()) if asked_at > since]
        if len(unused) >= self._rules.unused_codes:
            raise TooManyChallenges(unused[0] + self._rules.period_seconds)
        # Entered anew, so that those who asked last stand last.
        self._unused.pop(asker, None)
        self._unused[asker] = [*unused, now]

    def _hash(self, *parts: str) -> bytes:
        octets = "\0".join(parts).encode("utf-8", "replace")
        return hmac.digest(self._key, octets, hashlib.sha256)

    def _forget(self, now: int) -> None:
        """Drop what no longer counts. Expired challenges are kept a while: they are said to be expired, not unknown."""
        for challenge_id, challenge in list(self._open.items()):
            if now < challenge.expires_at + self._rules.code_seconds:
                break
            del self._open[challenge_id]
        since = now - self._rules.period_seconds
        for asker, unused in list(self._unused.items()):
            if unused and unused[-1] > since:
                break
            del self._unused[asker]
