"""What can go wrong between a person, an institution and its system of record.

::

    ConsentryError
    ├── SourceError
    │   ├── MappingError
    │   │   ├── MappingFileMissing     the file is not there or cannot be read
    │   │   ├── MappingInvalid         the file breaks a rule at a line
    │   │   └── MappingMismatch        the database has no such table or column
    │   ├── DatabaseUrlInvalid         not a URL that a source can be opened by
    │   ├── SourceUnavailable          the database cannot be read now
    │   ├── SourceTimeout              reading took too long
    │   ├── PersonNotFound             nobody signs in by that identifier
    │   ├── AmbiguousPerson            several records sign in by that identifier
    │   ├── RecordNotFound             the record is not there any more
    │   ├── AmbiguousRecord            several rows where one must be
    │   ├── ContactUnusable            no address for a one-time code
    │   ├── SchemaNotMapped            the institution knows nothing of a schema
    │   ├── AttributeNotMapped         the institution does not hold an attribute
    │   ├── AttributeMissing           the person's record lacks an attribute
    │   ├── AttributeInvalid           what the record holds is not what the schema asks for
    │   └── GenerationError
    │       ├── FakerMissing           the library that makes the people is not installed
    │       ├── PopulationInvalid      not a number of people that can be made
    │       ├── TargetExists           there are files already
    │       └── PeopleFileInvalid      who is who cannot be read
    ├── CourierError
    │   ├── OutboxNotPrivate           others may read the outbox
    │   └── OutboxUnusable             the outbox cannot be written or read
    └── AuthenticationError
        ├── ChallengeError
        │   ├── ChallengeUnknown       no such challenge, or it was used
        │   ├── ChallengeExpired       the code came too late
        │   ├── ChallengeLocked        too many wrong codes
        │   ├── CodeRefused            the code is wrong
        │   └── TooManyChallenges      too many codes were asked for
        └── SessionError
            ├── SessionUnknown         nobody signed in by that session
            ├── SessionExpired         the session is over
            ├── SessionBoundElsewhere  the session belongs to another consent
            ├── ConsentBoundElsewhere  the consent belongs to another session
            ├── ConsentNotBound        nobody who signed in presented that consent
            └── ConsentIdInvalid       not 32 bytes

Messages name tables, columns and attributes. They never hold what stands in a record, nor what a
person typed.
"""

from __future__ import annotations

import re
from typing import Final

from consentry.errors import ConsentryError

_SHOWABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}")


def _shown(name: str) -> str:
    """Write a name for a message; what does not look like one may hide a value."""
    return name if _SHOWABLE.fullmatch(name) else "(an unprintable name)"


class SourceError(ConsentryError):
    """Base of every error of reading a system of record."""


class MappingError(SourceError):
    """Base of what can be wrong with a mapping."""


class MappingFileMissing(MappingError):
    """Raised when a mapping cannot be read.

    Attributes:
        file: The file.
        reason: Why.
    """

    def __init__(self, file: str, reason: str) -> None:
        self.file = file
        self.reason = reason
        super().__init__(f"mapping {file} cannot be read: {reason}; without it nothing is known of the columns")


class MappingInvalid(MappingError):
    """Raised when a mapping breaks a rule.

    Attributes:
        file: The file.
        line: The line, from 1 on.
        reason: What is wrong there and what to do.
    """

    def __init__(self, file: str, line: int, reason: str) -> None:
        self.file = file
        self.line = line
        self.reason = reason
        super().__init__(f"{file}:{line}: {reason}")


class MappingMismatch(MappingError):
    """Raised when a mapping names a table or a column that the database does not have.

    Attributes:
        file: The file.
        line: The line, from 1 on.
        table: The table.
        column: The column; None if the table itself is not there.
        near: What the database has that is written alike; None if nothing.
    """

    def __init__(self, file: str, line: int, table: str, column: str | None, near: str | None) -> None:
        self.file = file
        self.line = line
        self.table = table
        self.column = column
        self.near = near
        what = f"table {table}" if column is None else f"column {column} in table {table}"
        advice = f"did you mean {near}?" if near is not None else "correct the mapping"
        super().__init__(f"{file}:{line}: the database has no {what}: {advice}")


class DatabaseUrlInvalid(SourceError):
    """Raised when a source cannot be opened by a URL. The URL is not shown; it may hold a password.

    Attributes:
        reason: What is wrong with it.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"not a usable database URL, {reason}: write it as sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST/NAME"
        )


class SourceUnavailable(SourceError):
    """Raised when the database cannot be read now.

    Attributes:
        reason: What it says, without any value.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the system of record cannot be read: {reason}")


class SourceTimeout(SourceError):
    """Raised when reading took too long and was broken off.

    Attributes:
        timeout_seconds: How long it may take.
    """

    def __init__(self, timeout_seconds: float) -> None:
        self.timeout_seconds = timeout_seconds
        super().__init__(
            f"the system of record did not answer within {timeout_seconds:g} s:"
            " look whether the columns that the mapping joins by are indexed"
        )


class PersonNotFound(SourceError):
    """Raised when nobody signs in by an identifier."""

    def __init__(self) -> None:
        super().__init__("nobody in the system of record signs in by that identifier")


class AmbiguousPerson(SourceError):
    """Raised when several records sign in by one identifier: the system holds duplicates."""

    def __init__(self) -> None:
        super().__init__(
            "several records sign in by that identifier: merge the duplicates in the system of record first"
        )


class RecordNotFound(SourceError):
    """Raised when a record that a person signed in to is not there any more, or not open."""

    def __init__(self) -> None:
        super().__init__("the record that the person signed in to is not there any more")


class AmbiguousRecord(SourceError):
    """Raised when there are several rows where the mapping says there is one.

    Attributes:
        table: The mapping's name for the table.
    """

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(
            f"several rows of {table} belong to the record and nothing says which one counts:"
            " correct the rows, or say `rows: latest` with columns that tell them apart"
        )


class ContactUnusable(SourceError):
    """Raised when a record has no address that a one-time code can be sent to.

    Attributes:
        channel: The channel it should be for.
    """

    def __init__(self, channel: str) -> None:
        self.channel = channel
        super().__init__(
            f"the record has no usable address for {channel}: the person must give the institution"
            " one before they can sign in"
        )


class SchemaNotMapped(SourceError):
    """Raised when an institution's mapping says nothing of a schema.

    Attributes:
        institution: The institution.
        schema: URN of the schema.
    """

    def __init__(self, institution: str, schema: str) -> None:
        self.institution = institution
        self.schema = schema
        super().__init__(f"the mapping of {institution} says nothing of schema {_shown(schema)}")


class AttributeNotMapped(SourceError):
    """Raised when an institution does not hold an attribute.

    Attributes:
        institution: The institution.
        schema: URN of the schema.
        attribute: The attribute.
    """

    def __init__(self, institution: str, schema: str, attribute: str) -> None:
        self.institution = institution
        self.schema = schema
        self.attribute = attribute
        super().__init__(f"the mapping of {institution} has no attribute {_shown(attribute)} of {schema}")


class AttributeMissing(SourceError):
    """Raised when a person's record lacks an attribute.

    Attributes:
        attribute: The attribute.
    """

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute
        super().__init__(f"the record lacks {attribute}: the institution must complete it before it can be told")


class AttributeInvalid(SourceError):
    """Raised when what a record holds is not what the schema asks for.

    Attributes:
        attribute: The attribute.
        rule: The converter or the schema's keyword that it fails at.
    """

    def __init__(self, attribute: str, rule: str) -> None:
        self.attribute = attribute
        self.rule = rule
        super().__init__(f"what the record holds for {attribute} fails at {rule}: correct the record, or the mapping")


class GenerationError(SourceError):
    """Base of what can go wrong when systems of record are generated."""


class FakerMissing(GenerationError):
    """Raised when the library that makes names and addresses is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "systems of record are generated with Faker, which is not installed: pip install 'consentry[dev]'"
        )


class PopulationInvalid(GenerationError):
    """Raised when a number of people cannot be made.

    Attributes:
        people: The number asked for.
        least: Least number.
        most: Greatest number.
    """

    def __init__(self, people: int, least: int, most: int) -> None:
        self.people = people
        self.least = least
        self.most = most
        super().__init__(f"{people} people cannot be made: ask for {least} to {most}")


class TargetExists(GenerationError):
    """Raised when a file that would be written is there already.

    Attributes:
        file: The file.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        super().__init__(f"{file} is there already: name another folder, or ask to replace it")


class PeopleFileInvalid(GenerationError):
    """Raised when the file that says who is who cannot be read.

    Attributes:
        file: The file.
        reason: What is wrong with it.
    """

    def __init__(self, file: str, reason: str) -> None:
        self.file = file
        self.reason = reason
        super().__init__(f"{file} cannot be read: {reason}; generate the systems of record again")


class CourierError(ConsentryError):
    """Base of what can go wrong when a message is brought to a person."""


class OutboxNotPrivate(CourierError):
    """Raised when others than its owner may read or write an outbox.

    Attributes:
        folder: The outbox.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        super().__init__(f"outbox {folder} holds one-time codes and is open to others: chmod 700 it, or remove it")


class OutboxUnusable(CourierError):
    """Raised when an outbox cannot be written or read.

    Attributes:
        folder: The outbox.
        reason: Why.
    """

    def __init__(self, folder: str, reason: str) -> None:
        self.folder = folder
        self.reason = reason
        super().__init__(f"outbox {folder} cannot be used: {reason}")


class AuthenticationError(ConsentryError):
    """Base of what can go wrong when a person signs in, or a consent is tied to their session."""


class ChallengeError(AuthenticationError):
    """Base of what can go wrong before a person has signed in.

    None of these tells whether the identifier belongs to anybody.
    """


class ChallengeUnknown(ChallengeError):
    """Raised when there is no such challenge, or its code was used already."""

    def __init__(self) -> None:
        super().__init__("that sign-in is not open, or was completed: begin again")


class ChallengeExpired(ChallengeError):
    """Raised when a code comes too late.

    Attributes:
        expired_at: First instant at which it came too late; Unix seconds.
    """

    def __init__(self, expired_at: int) -> None:
        self.expired_at = expired_at
        super().__init__("the code has expired: begin again to get another")


class ChallengeLocked(ChallengeError):
    """Raised when a challenge has seen too many wrong codes; the right one is refused too."""

    def __init__(self) -> None:
        super().__init__("too many wrong codes: begin again to get another")


class CodeRefused(ChallengeError):
    """Raised when a code is wrong.

    Attributes:
        tries_left: How many more codes may be tried.
    """

    def __init__(self, tries_left: int) -> None:
        self.tries_left = tries_left
        super().__init__(f"the code is wrong; tries left: {tries_left}")


class TooManyChallenges(ChallengeError):
    """Raised when too many codes are asked for.

    Attributes:
        retry_at: First instant at which another may be asked for; Unix seconds.
    """

    def __init__(self, retry_at: int) -> None:
        self.retry_at = retry_at
        super().__init__(f"too many codes were asked for: wait until {retry_at} (Unix seconds)")


class SessionError(AuthenticationError):
    """Base of what can be wrong with a session, or with the consent that is tied to it."""


class SessionUnknown(SessionError):
    """Raised when nobody signed in by a session, or they signed out."""

    def __init__(self) -> None:
        super().__init__("nobody is signed in by that session: sign in")


class SessionExpired(SessionError):
    """Raised when a session is over.

    Attributes:
        expired_at: First instant at which it was; Unix seconds.
    """

    def __init__(self, expired_at: int) -> None:
        self.expired_at = expired_at
        super().__init__(f"the session ended at {expired_at} (Unix seconds): sign in again")


class SessionBoundElsewhere(SessionError):
    """Raised when a session is tied to another consent already."""

    def __init__(self) -> None:
        super().__init__("the session is tied to another consent: sign in again to present a second one")


class ConsentBoundElsewhere(SessionError):
    """Raised when a consent is tied to another session already.

    Attributes:
        consent_id: The consent's id, 32 bytes.
    """

    def __init__(self, consent_id: bytes) -> None:
        self.consent_id = consent_id
        super().__init__(f"consent 0x{consent_id.hex()} was presented in another session: refused")


class ConsentNotBound(SessionError):
    """Raised when no session is tied to a consent: nobody who signed in presented it.

    Attributes:
        consent_id: The consent's id, 32 bytes.
    """

    def __init__(self, consent_id: bytes) -> None:
        self.consent_id = consent_id
        super().__init__(
            f"nobody who signed in presented consent 0x{consent_id.hex()}: a consent alone selects"
            " no record; the person must sign in and present it"
        )


class ConsentIdInvalid(SessionError):
    """Raised when a consent's id is not 32 bytes.

    Attributes:
        size_bytes: Its length.
    """

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        super().__init__(f"a consent's id has 32 bytes, this one {size_bytes}")
