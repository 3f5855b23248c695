"""What a provider asks of its system of record, whatever that is."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NewType, Protocol

from consentry.records.canonical import JsonValue

RecordKey = NewType("RecordKey", str)
"""Key of one person's record, as the system of record itself names it. Never leaves the provider."""


class Channel(enum.Enum):
    """How an institution reaches a person."""

    SMS = "sms"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Contact:
    """Where an institution reaches a person.

    Attributes:
        channel: How.
        address: Telephone number (E.164) or e-mail address; not shown by ``repr``.
    """

    channel: Channel
    address: str = field(repr=False)


class Source(Protocol):
    """A system of record. It is read one person at a time, and never written."""

    async def find(self, sign_in_identifier: str) -> RecordKey:
        """Find the record of the person who signs in by an identifier.

        Args:
            sign_in_identifier: What the person names themself by to this institution.

        Returns:
            Key of the record.

        Raises:
            PersonNotFound: There is none.
            AmbiguousPerson: There are several.
            SourceUnavailable: The system cannot be read now.
            SourceTimeout: It does not answer in time.
        """
        ...

    async def contact(self, key: RecordKey) -> Contact:
        """Read where the institution reaches a person.

        Args:
            key: Key of the person's record.

        Returns:
            Where.

        Raises:
            RecordNotFound: The record is not there any more.
            AmbiguousRecord: There are several rows where one must be.
            ContactUnusable: There is no usable address in it.
            SourceUnavailable: The system cannot be read now.
            SourceTimeout: It does not answer in time.
        """
        ...

    async def read(self, key: RecordKey, schema_urn: str, attributes: Sequence[str]) -> Mapping[str, JsonValue]:
        """Read attributes of a person as they stand at this moment.

        Args:
            key: Key of the person's record.
            schema_urn: URN of the schema that the attributes belong to.
            attributes: Names of the attributes.

        Returns:
            Each attribute with its value, checked against the schema.

        Raises:
            RecordNotFound: The record is not there any more.
            AmbiguousRecord: There are several rows where one must be.
            SchemaNotMapped: The institution knows nothing of the schema.
            AttributeNotMapped: It does not hold one of the attributes.
            AttributeMissing: The person's record lacks one of them.
            AttributeInvalid: What the record holds is not what the schema asks for.
            SourceUnavailable: The system cannot be read now.
            SourceTimeout: It does not answer in time.
        """
        ...
