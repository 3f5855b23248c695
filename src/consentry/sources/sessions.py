"""Whose record a consent is about: the person's who was signed in when the consent was presented.

A session binds one consent, and a consent one session. Nothing else leads from a consent to a record: anyone can make
a key and sign with it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NewType, TypeAlias

from consentry.sources.errors import (
    ConsentBoundElsewhere,
    ConsentIdInvalid,
    ConsentNotBound,
    SessionBoundElsewhere,
    SessionExpired,
    SessionUnknown,
)
from consentry.sources.source import RecordKey

SessionId = NewType("SessionId", str)
"""Names a session. Whoever has it acts for the person: it stays between the person and the provider."""

Clock: TypeAlias = Callable[[], float]
"""Tells the time, in Unix seconds."""

DEFAULT_SESSION_SECONDS: Final = 7_200
"""How long a session lasts unless said otherwise: what is presented in it must be funded and read by then."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a person who signed in.

    Attributes:
        session_id: Its id; not shown by ``repr``.
        expires_at: First instant at which it is over; Unix seconds.
    """

    session_id: SessionId = field(repr=False)
    expires_at: int


@dataclass(slots=True)
class _Open:
    record: RecordKey
    expires_at: int
    consent_id: bytes | None = None


class Sessions:
    """The sessions of one provider. They are held in memory: a restart ends them all, and people sign in again."""

    def __init__(self, *, session_seconds: int = DEFAULT_SESSION_SECONDS, clock: Clock = time.time) -> None:
        """Begin with no sessions.

        Args:
            session_seconds: How long a session lasts; at least 1.
            clock: Tells the time.
        """
        if session_seconds < 1:
            raise ValueError("a session lasts at least a second")
        self._session_seconds = session_seconds
        self._clock = clock
        self._open: dict[SessionId, _Open] = {}
        # Kept after the sessions are over: a consent that one person presented is never another's.
        self._bound: dict[bytes, SessionId] = {}

    def open(self, record: RecordKey) -> Session:
        """Open a session for a person whom the provider has just authenticated.

        Args:
            record: Key of their record, as an :class:`~consentry.sources.Authenticator` gave it.

        Returns:
            The session.
        """
        now = int(self._clock())
        self._forget(now)
        session = Session(SessionId(secrets.token_urlsafe(32)), now + self._session_seconds)
        self._open[session.session_id] = _Open(record, session.expires_at)
        return session

    def bind(self, session_id: SessionId, consent_id: bytes) -> None:
        """Tie a session and a consent to each other, for good. Doing so again changes nothing.

        Args:
            session_id: The session in which the person presents the consent.
            consent_id: The consent's id, 32 bytes.

        Raises:
            ConsentIdInvalid: It is not 32 bytes.
            SessionUnknown: Nobody is signed in by that session.
            SessionExpired: The session is over.
            SessionBoundElsewhere: Another consent was presented in it.
            ConsentBoundElsewhere: The consent was presented in another session.
        """
        if len(consent_id) != 32:
            raise ConsentIdInvalid(len(consent_id))
        session = self._live(session_id)
        if session.consent_id not in (None, consent_id):
            raise SessionBoundElsewhere
        if self._bound.setdefault(consent_id, session_id) != session_id:
            raise ConsentBoundElsewhere(consent_id)
        session.consent_id = consent_id

    def record_for(self, consent_id: bytes) -> RecordKey:
        """Return whose record a consent is about.

        Args:
            consent_id: The consent's id, 32 bytes.

        Returns:
            Key of the record of the person in whose session it was presented.

        Raises:
            ConsentNotBound: Nobody who signed in presented it.
            SessionUnknown: The person has signed out since, or the session was over long ago.
            SessionExpired: The session is over.
        """
        session_id = self._bound.get(consent_id)
        if session_id is None:
            raise ConsentNotBound(consent_id)
        return self._live(session_id).record

    def end(self, session_id: SessionId) -> None:
        """End a session because the person signs out; what was presented in it is not delivered any more."""
        self._open.pop(session_id, None)

    def _live(self, session_id: SessionId) -> _Open:
        session = self._open.get(session_id)
        if session is None:
            raise SessionUnknown
        if self._clock() >= session.expires_at:
            raise SessionExpired(session.expires_at)
        return session

    def _forget(self, now: int) -> None:
        """Drop sessions that were over long ago; until then they are said to be over, and not unknown."""
        for session_id, session in list(self._open.items()):
            if now < session.expires_at + self._session_seconds:
                return
            del self._open[session_id]
