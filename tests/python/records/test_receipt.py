"""Receipts: the file is whole or it is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from eth_utils.crypto import keccak

from consentry.records import (
    Address,
    ChainStep,
    ConsentRecord,
    ConsentState,
    EndCause,
    ExchangeOutcome,
    HexHash,
    InvalidReceiptError,
    MalformedJsonError,
    OversizedJsonError,
    Receipt,
    ReceiptIdMismatchError,
    ReceiptNotCanonicalError,
    ReceiptTermsMismatchError,
    RecordError,
    canonical_bytes,
    parse_record,
)

Build = Callable[..., Receipt]


def signed_again(document: dict[str, Any]) -> bytes:
    """Give a changed receipt the id that its contents have, as a forger would."""
    rest = {name: member for name, member in document.items() if name != "receipt_id"}
    return canonical_bytes({**rest, "receipt_id": "0x" + keccak(canonical_bytes(rest)).hex()})


def test_reads_back_what_it_wrote(build_receipt: Build) -> None:
    receipt = build_receipt()
    assert Receipt.parse(receipt.to_bytes()) == receipt
    assert Receipt.parse(receipt.to_bytes()).receipt_id == receipt.receipt_id


def test_id_is_keccak_over_everything_else(build_receipt: Build) -> None:
    receipt = build_receipt()
    document = json.loads(receipt.to_bytes())
    stated = document.pop("receipt_id")
    assert stated == receipt.receipt_id == "0x" + keccak(canonical_bytes(document)).hex()
    assert build_receipt(chain_id=1).receipt_id != receipt.receipt_id


def test_follows_the_dpv_guide(build_receipt: Build, record: ConsentRecord) -> None:
    document = json.loads(build_receipt().to_bytes())
    assert document["@type"] == "dpv:ConsentReceipt"
    assert document["dct:conformsTo"] == "https://w3id.org/dpv/schema/dpv-27560#receipt"
    assert document["@context"]["receipt_id"] == "dct:identifier"
    assert document["@context"]["record"] == "dpv:hasRecordOfActivity"
    assert document["created"] == "2030-03-17T17:48:20Z"
    assert parse_record(json.dumps(document["record"])) == record


def test_consent_stands_there_member_for_member(build_receipt: Build) -> None:
    consent = json.loads(build_receipt().to_bytes())["consent"]
    assert set(consent) == {
        "subject",
        "consumer",
        "provider",
        "scope",
        "terms",
        "validFrom",
        "validUntil",
        "eraseBy",
        "maxUses",
        "nonce",
    }
    assert consent["nonce"] == str(2**255 + 1)


def test_an_unused_consent_has_a_receipt_too(build_receipt: Build) -> None:
    receipt = build_receipt(exchange=None)
    assert Receipt.parse(receipt.to_bytes()).exchange is None


def test_later_events_do_not_break_the_terms(
    build_receipt: Build, record: ConsentRecord, subject: Address, now: int
) -> None:
    withdrawn = record.followed_by(
        ConsentState.WITHDRAWN, indicated_at=now + 5, indicated_by=subject
    )
    receipt = Receipt.parse(build_receipt(record=withdrawn).to_bytes())
    assert receipt.record.state is ConsentState.WITHDRAWN


def test_any_flipped_bit_is_refused(build_receipt: Build) -> None:
    octets = build_receipt().to_bytes()
    assert len(octets) < 8192
    for place in range(0, len(octets), 3):
        changed = bytearray(octets)
        changed[place] ^= 1 << place % 8
        with pytest.raises(RecordError):
            Receipt.parse(bytes(changed))


def test_a_letter_of_a_hash_in_upper_case_is_refused(build_receipt: Build) -> None:
    octets = build_receipt().to_bytes()
    stated = build_receipt().receipt_id.encode()
    place = next(
        octets.index(stated) + i for i, c in enumerate(stated) if i > 1 and chr(c).isalpha()
    )
    changed = octets[:place] + octets[place : place + 1].upper() + octets[place + 1 :]
    with pytest.raises(InvalidReceiptError) as caught:
        Receipt.parse(changed)
    assert caught.value.pointer == "/receipt_id"


@pytest.mark.parametrize(
    "change",
    [
        lambda octets: octets + b"\n",
        lambda octets: b" " + octets,
        lambda octets: json.dumps(json.loads(octets), indent=1).encode(),
        lambda octets: (
            json.dumps(json.loads(octets), separators=(",", ":"), ensure_ascii=False)
            .replace('"version":1', '"version": 1')
            .encode()
        ),
        lambda octets: octets.replace(b"\xc3\xb6", b"\\u00f6"),
    ],
)
def test_refuses_when_the_file_is_not_canonical(
    build_receipt: Build, change: Callable[[bytes], bytes]
) -> None:
    octets = build_receipt().to_bytes()
    assert change(octets) != octets
    with pytest.raises(ReceiptNotCanonicalError):
        Receipt.parse(change(octets))


def test_refuses_when_the_contents_were_changed(build_receipt: Build) -> None:
    document = json.loads(build_receipt().to_bytes())
    document["chain_id"] += 1
    with pytest.raises(ReceiptIdMismatchError):
        Receipt.parse(canonical_bytes(document))


def test_refuses_when_the_record_is_not_the_signed_one(build_receipt: Build) -> None:
    document = json.loads(build_receipt().to_bytes())
    document["record"]["dpv:hasProcess"]["dpv:hasPersonalData"].pop()
    with pytest.raises(ReceiptTermsMismatchError):
        Receipt.parse(signed_again(document))
    other_terms = replace(build_receipt().consent, terms=HexHash("0x" + "00" * 32))
    with pytest.raises(ReceiptTermsMismatchError):
        build_receipt(consent=other_terms)


def test_names_the_field_of_the_record(build_receipt: Build) -> None:
    document = json.loads(build_receipt().to_bytes())
    document["record"]["dpv:hasNotice"]["dct:language"] = "?"
    with pytest.raises(InvalidReceiptError) as caught:
        Receipt.parse(signed_again(document))
    assert caught.value.pointer == "/record/dpv:hasNotice/dct:language"


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children: Any = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    return [p for key, inner in children for p in [(*path, key), *_paths(inner, (*path, key))]]


def test_refuses_when_any_member_is_missing_or_of_another_kind(build_receipt: Build) -> None:
    text = build_receipt().to_bytes()
    paths = [path for path in _paths(json.loads(text)) if path[0] not in ("record", "receipt_id")]
    assert len(paths) > 60
    for path in paths:
        for value in ({"unknown": [7]}, "0X" + "AB" * 32, True, None):
            document = json.loads(text)
            parent = document
            for part in path[:-1]:
                parent = parent[part]
            before = parent[path[-1]]
            if value is None:
                del parent[path[-1]]
            else:
                parent[path[-1]] = value
            if before is value:
                continue
            with pytest.raises(InvalidReceiptError):
                Receipt.parse(signed_again(document))


@pytest.mark.parametrize(
    "place",
    [
        (),
        ("consent",),
        ("contracts",),
        ("opening",),
        ("exchange",),
        ("exchange", "funded"),
        ("record",),
    ],
)
def test_refuses_when_an_unknown_member_is_added(
    build_receipt: Build, place: tuple[str, ...]
) -> None:
    document = json.loads(build_receipt().to_bytes())
    target = document
    for part in place:
        target = target[part]
    target["more"] = 1
    with pytest.raises(InvalidReceiptError):
        Receipt.parse(signed_again(document))


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"created_at": -1}, "/created"),
        ({"created_at": 2**40}, "/created"),
        ({"created_at": 1.5}, "/created"),
        ({"chain_id": 0}, "/chain_id"),
        ({"chain_id": True}, "/chain_id"),
        ({"consent_signature": "0x" + "AB" * 65}, "/consent_signature"),
        ({"consent_signature": "0x" + "ab" * 64}, "/consent_signature"),
        ({"consent_signature": "0x" + "ab" * 65 + "\n"}, "/consent_signature"),
    ],
)
def test_refuses_to_build_when_a_field_cannot_stand(
    build_receipt: Build, changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidReceiptError) as caught:
        build_receipt(**changes)
    assert caught.value.pointer == pointer


@pytest.mark.parametrize("nonce", [-1, 2**256, True, "1"])
def test_refuses_when_the_nonce_is_not_a_uint256(build_receipt: Build, nonce: Any) -> None:
    with pytest.raises(InvalidReceiptError):
        build_receipt(consent=replace(build_receipt().consent, nonce=nonce))
    for good in (0, 2**256 - 1):
        receipt = build_receipt(consent=replace(build_receipt().consent, nonce=good))
        assert Receipt.parse(receipt.to_bytes()).consent.nonce == good


STEP = ChainStep(12, HexHash("0x" + "01" * 32))
NOT_DELIVERED: dict[str, Any] = {"ciphertext_hash": None, "delivered_at": None, "delivered": None}
OPEN: dict[str, Any] = {"cause": None, "ended": None}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"cause": EndCause.CHALLENGE_WINDOW_ENDED},
        {"outcome": ExchangeOutcome.DELIVERED, **OPEN},
        {"outcome": ExchangeOutcome.DISPUTED, **OPEN},
        {"outcome": ExchangeOutcome.FUNDED, **OPEN, **NOT_DELIVERED},
        {"outcome": ExchangeOutcome.REFUND_DUE, **OPEN, **NOT_DELIVERED},
        {"outcome": ExchangeOutcome.REFUNDED, "cause": EndCause.DECLINED, **NOT_DELIVERED},
        {"outcome": ExchangeOutcome.REFUNDED, "cause": EndCause.NOT_DELIVERED, **NOT_DELIVERED},
        {"outcome": ExchangeOutcome.REFUNDED, "cause": EndCause.CONSENT_WITHDRAWN, **NOT_DELIVERED},
        {"outcome": ExchangeOutcome.RESOLVED, "cause": EndCause.DISPUTE_RESOLVED, "provider_bps": 0},
        {"outcome": ExchangeOutcome.RESOLVED, "cause": EndCause.DISPUTE_RESOLVED, "provider_bps": 10_000},
    ],
)
def test_every_outcome_has_a_receipt(with_exchange: Build, changes: dict[str, Any]) -> None:
    receipt = with_exchange(**changes)
    assert Receipt.parse(receipt.to_bytes()) == receipt


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": ExchangeOutcome.REFUNDED},
        {"cause": EndCause.DECLINED},
        {"cause": None},
        {"ended": None},
        {"outcome": ExchangeOutcome.DELIVERED},
        {"outcome": ExchangeOutcome.FUNDED, **OPEN},
        {"outcome": ExchangeOutcome.DELIVERED, **OPEN, **NOT_DELIVERED},
        {"outcome": ExchangeOutcome.REFUNDED, "cause": EndCause.DECLINED},
        {
            "outcome": ExchangeOutcome.RESOLVED,
            "cause": EndCause.DISPUTE_RESOLVED,
            "provider_bps": 5_000,
            **NOT_DELIVERED,
        },
        {"outcome": ExchangeOutcome.RESOLVED, "cause": EndCause.DISPUTE_RESOLVED},
        {"outcome": ExchangeOutcome.RESOLVED, "cause": EndCause.DISPUTE_RESOLVED, "provider_bps": 10_001},
        {"outcome": ExchangeOutcome.RESOLVED, "cause": EndCause.DECLINED, "provider_bps": 5_000},
        {"provider_bps": 5_000},
        NOT_DELIVERED,
        {"ciphertext_hash": None},
        {"delivered_at": None},
        {"delivered": None},
        {"shares_bps": (6000, 2000, 1500, 500, 1)},
        {"shares_bps": (6000, 2000, 1500, 499, 0)},
        {"shares_bps": (10_000,)},
        {"shares_bps": (10_001, -1, 0, 0, 0)},
        {"funded": STEP},
        {"fee": -1},
        {"fee": 2**256},
        {"use": 0},
        {"use": 2**32},
        {"schedule_version": 0},
        {"coordinator": Address("0x" + "AB" * 20)},
    ],
)
def test_refuses_when_the_facts_contradict_each_other(
    with_exchange: Build, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidReceiptError) as caught:
        with_exchange(**changes)
    assert caught.value.pointer.startswith("/exchange/")


@pytest.mark.parametrize(
    "octets", [b"", b"null", b"[]", b"{}", b"1", b"\xff", b'{"a":1,"a":1}', b"[" * 9000]
)
def test_refuses_when_it_is_no_receipt_at_all(octets: bytes) -> None:
    with pytest.raises((InvalidReceiptError, MalformedJsonError)):
        Receipt.parse(octets)


def test_refuses_when_it_is_longer_than_64_kib(build_receipt: Build) -> None:
    with pytest.raises(OversizedJsonError):
        Receipt.parse(build_receipt().to_bytes() + b" " * 65_536)
