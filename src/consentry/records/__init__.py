"""Consent records and receipts (ISO/IEC TS 27560 as the DPV guide gives it), and canonical JSON.

:mod:`~consentry.records.record` is what a person agreed to, :mod:`~consentry.records.receipt` is
what everyone keeps of it. Nothing here reads the chain.
"""

from __future__ import annotations

from consentry.records.canonical import (
    JsonObject,
    JsonValue,
    canonical_bytes,
    canonical_hash,
    parse_json,
)
from consentry.records.errors import (
    InvalidEventError,
    InvalidIdentifierError,
    InvalidReceiptError,
    InvalidRecordError,
    JsonError,
    MalformedJsonError,
    OversizedJsonError,
    ReceiptError,
    ReceiptIdMismatchError,
    ReceiptNotCanonicalError,
    ReceiptTermsMismatchError,
    RecordError,
)
from consentry.records.identifiers import (
    Address,
    Did,
    HexHash,
    hex_hash,
    parse_address,
    parse_did,
    parse_hex_hash,
)
from consentry.records.receipt import (
    ChainStep,
    ContractAddresses,
    EndCause,
    ExchangeFacts,
    ExchangeOutcome,
    Opening,
    Receipt,
    SignedConsent,
)
from consentry.records.record import (
    ConsentEvent,
    ConsentRecord,
    ConsentState,
    parse_record,
    terms_hash,
)
from consentry.records.request import Controller, DataSource, Notice, RequestedTerms

__all__ = [
    "Address",
    "ChainStep",
    "ConsentEvent",
    "ConsentRecord",
    "ConsentState",
    "ContractAddresses",
    "Controller",
    "DataSource",
    "Did",
    "EndCause",
    "ExchangeFacts",
    "ExchangeOutcome",
    "HexHash",
    "InvalidEventError",
    "InvalidIdentifierError",
    "InvalidReceiptError",
    "InvalidRecordError",
    "JsonError",
    "JsonObject",
    "JsonValue",
    "MalformedJsonError",
    "Notice",
    "Opening",
    "OversizedJsonError",
    "Receipt",
    "ReceiptError",
    "ReceiptIdMismatchError",
    "ReceiptNotCanonicalError",
    "ReceiptTermsMismatchError",
    "RecordError",
    "RequestedTerms",
    "SignedConsent",
    "canonical_bytes",
    "canonical_hash",
    "hex_hash",
    "parse_address",
    "parse_did",
    "parse_hex_hash",
    "parse_json",
    "parse_record",
    "terms_hash",
]
