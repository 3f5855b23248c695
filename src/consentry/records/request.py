"""What a consumer asks for, in the words of a consent record.

These are the fields that a request and a consent record share. The signed request itself, with its
one-time key, belongs to the exchange; whoever checks a record compares it with the request field
by field.
"""

from __future__ import annotations

from dataclasses import dataclass

from consentry.records.identifiers import Did, HexHash


@dataclass(frozen=True, slots=True)
class Controller:
    """The consumer as the record's PII controller (party fields of ISO/IEC TS 27560).

    Attributes:
        did: Its DID.
        name: Its legal name.
        address: Its postal address, on one line.
        contact: How a person reaches it: a URL, an e-mail address or a telephone number.
    """

    did: Did
    name: str
    address: str
    contact: str


@dataclass(frozen=True, slots=True)
class DataSource:
    """The provider that the person picked.

    Attributes:
        did: Its DID.
        name: Its name as the person saw it.
    """

    did: Did
    name: str


@dataclass(frozen=True, slots=True)
class Notice:
    """The privacy notice that was shown.

    Attributes:
        url: Where it stands; ``http`` or ``https``.
        language: Its language (BCP 47).
        text_hash: keccak-256 of the notice's text as shown.
    """

    url: str
    language: str
    text_hash: HexHash


@dataclass(frozen=True, slots=True)
class RequestedTerms:
    """The terms on which a consumer asks for facts.

    Attributes:
        request_id: The request's own id; 1 to 128 letters, digits and ``._:-``.
        consumer: Who asks.
        schema_id: URN of the schema that the attributes belong to.
        attributes: Names of the attributes asked for, each once, in the order shown.
        purpose_id: URN of the purpose that the consumer is accredited for.
        purpose_text: The purpose in the words that the person reads.
        notice: The privacy notice.
        retention_seconds: How long the consumer keeps the facts after it got them, in seconds.
        erase_by: When they are erased at the latest; Unix seconds. Not before ``valid_until``.
        jurisdiction: Whose law holds; ISO 3166-1 alpha-2 or ISO 3166-2.
        storage_locations: Where the facts are kept; ISO 3166 codes.
        recipients: Who gets to see them; the consumer itself is one.
        withdrawal_method: How consent is withdrawn: a URL or a sentence.
        valid_from: First instant at which the consent may be used; Unix seconds.
        valid_until: First instant at which it may not any more; Unix seconds, exclusive end.
        max_uses: How often it may be used; 1 to 2^32 - 1.
        assurance_level: Level of assurance asked for (eIDAS): 0 none, 1 low, 2 substantial, 3 high.
    """

    request_id: str
    consumer: Controller
    schema_id: str
    attributes: tuple[str, ...]
    purpose_id: str
    purpose_text: str
    notice: Notice
    retention_seconds: int
    erase_by: int
    jurisdiction: str
    storage_locations: tuple[str, ...]
    recipients: tuple[str, ...]
    withdrawal_method: str
    valid_from: int
    valid_until: int
    max_uses: int
    assurance_level: int
