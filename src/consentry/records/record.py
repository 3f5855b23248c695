"""The consent record: what a person agreed to, whose hash the signed consent carries.

A record follows the DPV guide to ISO/IEC TS 27560 (https://w3id.org/dpv/guides/consent-27560): a
JSON-LD document in DPV's words. Its bytes are its RFC 8785 form, its hash keccak-256 over them. It
holds a random salt, so that nobody finds its contents by hashing guesses, and names the person
only by the key that is fresh for this one consent.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from enum import Enum
from typing import Final

from consentry.records.canonical import (
    JsonObject,
    JsonValue,
    canonical_bytes,
    canonical_hash,
    first_difference,
    parse_json,
)
from consentry.records.errors import InvalidEventError, InvalidRecordError
from consentry.records.identifiers import Address, Did, HexHash, hex_hash, parse_address
from consentry.records.request import Controller, DataSource, Notice, RequestedTerms
from consentry.records.validation import array_at, first_fault, integer_at, text_at, text_fault

MAX_RECORD_BYTES: Final = 64 * 1024
"""Greatest length of a consent record, in bytes."""

MAX_INSTANT: Final = 253402300799
"""Last second that a record can name, 9999-12-31T23:59:59Z; Unix seconds."""

_SCHEMA_FILE: Final = "record.schema.json"
_CONFORMS_TO: Final = "https://w3id.org/dpv/schema/dpv-27560#record"
_LEGAL_BASIS: Final = "dpv:ExplicitlyExpressedConsent"
_CONTEXT: Final[JsonObject] = {
    "consentry": "urn:consentry:vocabulary:",
    "dct": "http://purl.org/dc/terms/",
    "dct:conformsTo": {"@type": "@id"},
    "dpv": "https://w3id.org/dpv#",
    "dpv:hasDataController": {"@type": "@id"},
    "dpv:hasJurisdiction": {"@type": "@id"},
    "dpv:hasLegalBasis": {"@type": "@id"},
    "dpv:hasLocation": {"@type": "@id"},
    "loc": "https://w3id.org/dpv/loc#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "schema": "https://schema.org/",
}


class ConsentState(Enum):
    """What an event says of a consent, in DPV's words.

    A renewed consent is a new consent with a fresh key and a record of its own, so
    ``RenewedConsentGiven`` never stands in a record.
    """

    GIVEN = "ConsentGiven"
    REFUSED = "ConsentRefused"
    WITHDRAWN = "ConsentWithdrawn"
    EXPIRED = "ConsentExpired"
    REVOKED = "ConsentRevoked"

    @property
    def allows_processing(self) -> bool:
        """Whether the facts may be processed while this is the latest state."""
        return self is ConsentState.GIVEN


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One event in the life of a consent.

    Attributes:
        state: The state that it leads to.
        indicated_at: When; Unix seconds.
        indicated_by: Who: the subject's address, or the DID of the consumer or the provider.
    """

    state: ConsentState
    indicated_at: int
    indicated_by: Address | Did


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """A consent record; make one with :meth:`from_request` or :func:`parse_record`.

    Building one checks it: there is no invalid record.

    Attributes:
        record_id: A random UUID (version 4).
        salt: 32 random bytes, as text, that keep the record's hash from being guessed.
        subject: The key that is fresh for this consent; the record's only name for the person.
        request: What was asked.
        provider: Whom the person picked.
        events: The events, oldest first. The first is what the person signed or refused.

    Raises:
        InvalidRecordError: A field breaks the schema, or two fields contradict each other.
    """

    record_id: str
    salt: HexHash
    subject: Address
    request: RequestedTerms
    provider: DataSource
    events: tuple[ConsentEvent, ...]

    def __post_init__(self) -> None:
        _check_meaning(self)
        if (fault := first_fault(self.to_json(), _SCHEMA_FILE)) is not None:
            raise InvalidRecordError(*fault)

    @classmethod
    def from_request(
        cls,
        request: RequestedTerms,
        *,
        provider: DataSource,
        subject: str,
        decided_at: int,
        state: ConsentState = ConsentState.GIVEN,
    ) -> ConsentRecord:
        """Write down what a person decided about a request.

        Args:
            request: What was asked, as it was shown.
            provider: Whom the person picked.
            subject: Address of the key that is fresh for this consent.
            decided_at: When the person decided; Unix seconds.
            state: ``GIVEN`` or ``REFUSED``.

        Returns:
            A record with a fresh id and salt.

        Raises:
            InvalidIdentifierError: ``subject`` is not an address.
            InvalidRecordError: The request holds a field that a record cannot carry.
        """
        address = parse_address(subject)
        return cls(
            record_id=str(uuid.uuid4()),
            salt=hex_hash(secrets.token_bytes(32)),
            subject=address,
            request=request,
            provider=provider,
            events=(ConsentEvent(state, decided_at, address),),
        )

    @property
    def state(self) -> ConsentState:
        """The state that the latest event led to."""
        return self.events[-1].state

    def followed_by(
        self, state: ConsentState, *, indicated_at: int, indicated_by: Address | Did
    ) -> ConsentRecord:
        """Add what became of the consent.

        Args:
            state: ``WITHDRAWN``, ``EXPIRED`` or ``REVOKED``.
            indicated_at: When; Unix seconds, not before the latest event.
            indicated_by: Who: the subject for a withdrawal, else also a party's DID.

        Returns:
            A record with one more event. Its hash differs; :meth:`as_signed` gives back the record
            whose hash the consent carries.

        Raises:
            InvalidEventError: The event cannot follow the ones that are there.
            InvalidRecordError: A field of the event breaks the schema.
        """
        event = ConsentEvent(state, indicated_at, indicated_by)
        if (reason := _event_fault(self, self.events, event)) is not None:
            raise InvalidEventError(reason)
        return replace(self, events=(*self.events, event))

    def as_signed(self) -> ConsentRecord:
        """Give back the record as the person decided on it, without later events.

        Returns:
            The record whose hash the consent carries.
        """
        return self if len(self.events) == 1 else replace(self, events=self.events[:1])

    def to_json(self) -> JsonObject:
        """Write the record as a JSON-LD object.

        Returns:
            The object, with every member that the schema asks for.
        """
        request = self.request
        consumer = request.consumer
        return {
            "@context": _CONTEXT,
            "@id": f"urn:uuid:{self.record_id}",
            "@type": "dpv:ConsentRecord",
            "consentry:request": request.request_id,
            "consentry:salt": self.salt,
            "dct:conformsTo": _CONFORMS_TO,
            "dct:identifier": self.record_id,
            "dpv:hasConsentStatus": [
                _decision_json(self.events[0], request),
                *(_event_json(event) for event in self.events[1:]),
            ],
            "dpv:hasDataSubject": {"@type": "dpv:DataSubject", "dct:identifier": self.subject},
            "dpv:hasEntity": {
                "@id": consumer.did,
                "@type": ["dpv:LegalEntity", "dpv:DataController", "dpv:Recipient"],
                "dpv:hasIdentifier": consumer.did,
                "dpv:hasName": consumer.name,
                "schema:address": consumer.address,
                "schema:contactPoint": consumer.contact,
            },
            "dpv:hasNotice": {
                "@id": request.notice.url,
                "@type": "dpv:ConsentNotice",
                "consentry:textHash": request.notice.text_hash,
                "dct:language": request.notice.language,
            },
            "dpv:hasProcess": {
                "@type": "dpv:Process",
                "consentry:assuranceLevel": request.assurance_level,
                "consentry:schema": request.schema_id,
                "dpv:hasConsentControl": {
                    "@type": "dpv:WithdrawConsent",
                    "dpv:isExercisedAt": request.withdrawal_method,
                },
                "dpv:hasDataController": consumer.did,
                "dpv:hasDataSource": {
                    "@id": self.provider.did,
                    "@type": "dpv:ThirdPartyDataSource",
                    "dpv:hasName": self.provider.name,
                },
                "dpv:hasJurisdiction": f"loc:{request.jurisdiction}",
                "dpv:hasLegalBasis": _LEGAL_BASIS,
                "dpv:hasPersonalData": [
                    {"@type": "dpv:PersonalData", "dct:identifier": attribute}
                    for attribute in request.attributes
                ],
                "dpv:hasPurpose": {
                    "@id": request.purpose_id,
                    "@type": "dpv:Purpose",
                    "dct:description": request.purpose_text,
                },
                "dpv:hasRecipient": list(request.recipients),
                "dpv:hasRight": {
                    "@type": "dpv:DataSubjectRight",
                    "dct:title": "Right to withdraw consent",
                    "dpv:isExercisedAt": request.withdrawal_method,
                },
                "dpv:hasStorageCondition": [
                    {
                        "@type": "dpv:StorageLocation",
                        "dpv:hasLocation": [f"loc:{code}" for code in request.storage_locations],
                    },
                    {
                        "@type": "dpv:StorageDuration",
                        "dpv:hasDuration": {
                            "@type": "dpv:TemporalDuration",
                            "rdf:value": f"PT{request.retention_seconds}S",
                        },
                    },
                    {
                        "@type": "dpv:StorageDeletion",
                        "dpv:hasDuration": _until_json(request.erase_by),
                    },
                ],
            },
        }

    def to_bytes(self) -> bytes:
        """Write the record as bytes.

        Returns:
            Its canonical form (RFC 8785).
        """
        return canonical_bytes(self.to_json())


def terms_hash(record: ConsentRecord) -> bytes:
    """Hash a record the way a consent carries it.

    Args:
        record: The record as the person decided on it; see :meth:`ConsentRecord.as_signed`.

    Returns:
        keccak-256 of the record's canonical bytes; 32 bytes.
    """
    return canonical_hash(record.to_json())


def parse_record(text: bytes | str) -> ConsentRecord:
    """Read a consent record.

    Args:
        text: The record as JSON in any layout, UTF-8, at most 64 KiB.

    Returns:
        The record.

    Raises:
        OversizedJsonError: The text is longer than 64 KiB.
        MalformedJsonError: It is not JSON, or JSON that two readers could read differently.
        InvalidRecordError: It breaks the schema or contradicts itself; names the field.
    """
    return record_from_json(parse_json(text, limit_bytes=MAX_RECORD_BYTES))


def record_from_json(document: JsonValue) -> ConsentRecord:
    """Read a consent record from JSON that is already parsed.

    Args:
        document: The record, made of dicts and lists.

    Returns:
        The record.

    Raises:
        MalformedJsonError: The document holds something that JSON has no form for.
        InvalidRecordError: It breaks the schema or contradicts itself; names the field.
    """
    if (fault := first_fault(document, _SCHEMA_FILE)) is not None:
        raise InvalidRecordError(*fault)
    process = "dpv:hasProcess"
    storage = (process, "dpv:hasStorageCondition")
    decision = ("dpv:hasConsentStatus", 0)
    valid_from, valid_until = text_at(document, *decision, "dct:valid").split("/")
    valid_at = "/dpv:hasConsentStatus/0/dct:valid"
    consumer = Controller(
        did=Did(text_at(document, "dpv:hasEntity", "@id")),
        name=text_at(document, "dpv:hasEntity", "dpv:hasName"),
        address=text_at(document, "dpv:hasEntity", "schema:address"),
        contact=text_at(document, "dpv:hasEntity", "schema:contactPoint"),
    )
    request = RequestedTerms(
        request_id=text_at(document, "consentry:request"),
        consumer=consumer,
        schema_id=text_at(document, process, "consentry:schema"),
        attributes=tuple(
            text_at(item, "dct:identifier")
            for item in array_at(document, process, "dpv:hasPersonalData")
        ),
        purpose_id=text_at(document, process, "dpv:hasPurpose", "@id"),
        purpose_text=text_at(document, process, "dpv:hasPurpose", "dct:description"),
        notice=Notice(
            url=text_at(document, "dpv:hasNotice", "@id"),
            language=text_at(document, "dpv:hasNotice", "dct:language"),
            text_hash=HexHash(text_at(document, "dpv:hasNotice", "consentry:textHash")),
        ),
        retention_seconds=int(
            text_at(document, *storage, 1, "dpv:hasDuration", "rdf:value")[len("PT") : -len("S")]
        ),
        erase_by=_read_instant(
            text_at(document, *storage, 2, "dpv:hasDuration", "rdf:value"),
            "/dpv:hasProcess/dpv:hasStorageCondition/2/dpv:hasDuration/rdf:value",
        ),
        jurisdiction=_code(text_at(document, process, "dpv:hasJurisdiction")),
        storage_locations=tuple(
            _code(text_at(item)) for item in array_at(document, *storage, 0, "dpv:hasLocation")
        ),
        recipients=tuple(text_at(item) for item in array_at(document, process, "dpv:hasRecipient")),
        withdrawal_method=text_at(document, process, "dpv:hasConsentControl", "dpv:isExercisedAt"),
        valid_from=_read_instant(valid_from, valid_at),
        valid_until=_read_instant(valid_until, valid_at),
        max_uses=int(text_at(document, *decision, "dpv:hasDuration", 1, "rdf:value")),
        assurance_level=integer_at(document, process, "consentry:assuranceLevel"),
    )
    record = ConsentRecord(
        record_id=text_at(document, "dct:identifier"),
        salt=HexHash(text_at(document, "consentry:salt")),
        subject=Address(text_at(document, "dpv:hasDataSubject", "dct:identifier")),
        request=request,
        provider=DataSource(
            did=Did(text_at(document, process, "dpv:hasDataSource", "@id")),
            name=text_at(document, process, "dpv:hasDataSource", "dpv:hasName"),
        ),
        events=tuple(
            ConsentEvent(
                state=ConsentState(text_at(event, "@type").removeprefix("dpv:")),
                indicated_at=_read_instant(
                    text_at(event, "dpv:isIndicatedAtTime"),
                    f"/dpv:hasConsentStatus/{index}/dpv:isIndicatedAtTime",
                ),
                indicated_by=Address(text_at(event, "dpv:isIndicatedBy")),
            )
            for index, event in enumerate(array_at(document, "dpv:hasConsentStatus"))
        ),
    )
    # What stands in two places stands the same in both.
    if (pointer := first_difference(record.to_json(), document)) is not None:
        raise InvalidRecordError(pointer, "it contradicts another field of the record")
    return record


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_instant(text: str, pointer: str) -> int:
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        raise InvalidRecordError(pointer, "there is no such date or time") from None
    return int(moment.timestamp())


def _code(location: str) -> str:
    return location.removeprefix("loc:")


def _until_json(seconds: int) -> JsonObject:
    return {"@type": "dpv:UntilTimeDuration", "rdf:value": _instant(seconds)}


def _decision_json(event: ConsentEvent, request: RequestedTerms) -> JsonObject:
    return {
        "@type": f"dpv:{event.state.value}",
        "dct:valid": f"{_instant(request.valid_from)}/{_instant(request.valid_until)}",
        "dpv:hasDuration": [
            _until_json(request.valid_until),
            {"@type": "dpv:FixedOccurrencesDuration", "rdf:value": str(request.max_uses)},
        ],
        "dpv:hasLegalBasis": _LEGAL_BASIS,
        "dpv:isIndicatedAtTime": _instant(event.indicated_at),
        "dpv:isIndicatedBy": event.indicated_by,
    }


def _event_json(event: ConsentEvent) -> JsonObject:
    return {
        "@type": f"dpv:{event.state.value}",
        "dpv:hasDuration": {"@type": "dpv:EndlessDuration"},
        "dpv:hasLegalBasis": _LEGAL_BASIS,
        "dpv:isIndicatedAtTime": _instant(event.indicated_at),
        "dpv:isIndicatedBy": event.indicated_by,
    }


def _check_meaning(record: ConsentRecord) -> None:
    """Check what the schema cannot say: numbers in range, order of instants, readable texts."""
    request = record.request
    process = "/dpv:hasProcess"
    decision = "/dpv:hasConsentStatus/0"
    deletion = f"{process}/dpv:hasStorageCondition/2"
    if not record.events:
        raise InvalidRecordError("/dpv:hasConsentStatus", "it has no event")
    integers = (
        (request.valid_from, 0, MAX_INSTANT, f"{decision}/dct:valid"),
        (request.valid_until, 0, MAX_INSTANT, f"{decision}/dct:valid"),
        (request.erase_by, 0, MAX_INSTANT, deletion),
        (request.retention_seconds, 1, MAX_INSTANT, f"{process}/dpv:hasStorageCondition/1"),
        (request.max_uses, 1, 2**32 - 1, f"{decision}/dpv:hasDuration/1"),
        *(
            (event.indicated_at, 0, MAX_INSTANT, f"/dpv:hasConsentStatus/{index}")
            for index, event in enumerate(record.events)
        ),
    )
    for number, least, greatest, pointer in integers:
        if isinstance(number, bool) or not isinstance(number, int):
            raise InvalidRecordError(pointer, "it must be a whole number")
        if not least <= number <= greatest:
            raise InvalidRecordError(pointer, f"it must be from {least} to {greatest}")
    if not request.valid_from < request.valid_until:
        raise InvalidRecordError(f"{decision}/dct:valid", "it ends before it begins")
    if request.erase_by < request.valid_until:
        raise InvalidRecordError(deletion, "erasure is due before the consent ends")
    if request.retention_seconds > request.erase_by - request.valid_from:
        raise InvalidRecordError(
            f"{process}/dpv:hasStorageCondition/1", "retention lasts longer than erasure allows"
        )
    texts = (
        (request.consumer.name, "/dpv:hasEntity/dpv:hasName"),
        (request.consumer.address, "/dpv:hasEntity/schema:address"),
        (request.consumer.contact, "/dpv:hasEntity/schema:contactPoint"),
        (record.provider.name, f"{process}/dpv:hasDataSource/dpv:hasName"),
        (request.purpose_text, f"{process}/dpv:hasPurpose/dct:description"),
        (request.withdrawal_method, f"{process}/dpv:hasConsentControl/dpv:isExercisedAt"),
        *(
            (recipient, f"{process}/dpv:hasRecipient/{index}")
            for index, recipient in enumerate(request.recipients)
        ),
    )
    for text, pointer in texts:
        if not isinstance(text, str):
            raise InvalidRecordError(pointer, "it must be text")
        if (reason := text_fault(text)) is not None:
            raise InvalidRecordError(pointer, reason)
    if record.provider.did == request.consumer.did:
        raise InvalidRecordError(
            f"{process}/dpv:hasDataSource/@id", "provider and consumer are the same participant"
        )
    for index, event in enumerate(record.events):
        if (reason := _event_fault(record, record.events[:index], event)) is not None:
            raise InvalidRecordError(f"/dpv:hasConsentStatus/{index}", reason)


def _event_fault(
    record: ConsentRecord, earlier: tuple[ConsentEvent, ...], event: ConsentEvent
) -> str | None:
    """Find what keeps an event from following the earlier ones."""
    if not earlier:
        if event.state not in (ConsentState.GIVEN, ConsentState.REFUSED):
            return "the first event is ConsentGiven or ConsentRefused"
        if event.indicated_by != record.subject:
            return "only the subject gives or refuses consent"
        if event.state is ConsentState.GIVEN and event.indicated_at >= record.request.valid_until:
            return "the consent was given when it had already ended"
        return None
    if event.state in (ConsentState.GIVEN, ConsentState.REFUSED):
        return "only the first event gives or refuses consent"
    if earlier[0].state is ConsentState.REFUSED:
        return "nothing follows ConsentRefused"
    if event.indicated_at < earlier[-1].indicated_at:
        return "it is earlier than the event before it"
    if any(event.state is one.state for one in earlier):
        return f"{event.state.value} is there already"
    if event.state is ConsentState.WITHDRAWN:
        return None if event.indicated_by == record.subject else "only the subject withdraws"
    parties = (record.subject, record.request.consumer.did, record.provider.did)
    return None if event.indicated_by in parties else "it was not indicated by a party"


__all__ = [
    "MAX_INSTANT",
    "MAX_RECORD_BYTES",
    "ConsentEvent",
    "ConsentRecord",
    "ConsentState",
    "parse_record",
    "record_from_json",
    "terms_hash",
]
