"""Consent records: what they hold, and each single cause for which one is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak

from consentry.records import (
    Address,
    ConsentEvent,
    ConsentRecord,
    ConsentState,
    Controller,
    DataSource,
    Did,
    HexHash,
    InvalidEventError,
    InvalidIdentifierError,
    InvalidRecordError,
    MalformedJsonError,
    Notice,
    OversizedJsonError,
    RequestedTerms,
    parse_record,
    terms_hash,
)


def test_reads_back_what_it_wrote(record: ConsentRecord) -> None:
    assert parse_record(record.to_bytes()) == record
    assert parse_record(record.to_bytes().decode("utf-8")) == record
    assert parse_record(json.dumps(record.to_json(), indent=2)) == record


def test_hash_is_keccak_over_the_canonical_bytes(record: ConsentRecord) -> None:
    assert terms_hash(record) == keccak(record.to_bytes())
    assert terms_hash(parse_record(json.dumps(record.to_json(), indent=2))) == terms_hash(record)


def test_format_is_the_one_of_the_golden_vector(
    request_terms: RequestedTerms, provider: DataSource, subject: Address, now: int
) -> None:
    golden = json.loads(Path(__file__).with_name("golden_record.json").read_text("utf-8"))
    record = ConsentRecord(
        record_id="a6f58318-72e6-46a2-bfd7-f36d795e30cd",
        salt=HexHash("0x" + "5a" * 32),
        subject=subject,
        request=request_terms,
        provider=provider,
        events=(ConsentEvent(ConsentState.GIVEN, now, subject),),
    )
    assert json.loads(record.to_bytes()) == golden["record"]
    assert parse_record(json.dumps(golden["record"])) == record
    assert "0x" + terms_hash(record).hex() == golden["terms"]


def test_a11_record_holds_every_mandatory_field(record: ConsentRecord, subject: Address) -> None:
    document: Any = record.to_json()
    process = document["dpv:hasProcess"]
    # Header: schema version, record id, principal id.
    assert document["dct:conformsTo"] == "https://w3id.org/dpv/schema/dpv-27560#record"
    assert document["dct:identifier"] == record.record_id
    assert document["dpv:hasDataSubject"]["dct:identifier"] == subject
    # Processing.
    assert document["dpv:hasNotice"]["@id"] == "https://acme.example/notice/7"
    assert document["dpv:hasNotice"]["dct:language"] == "en-IE"
    assert process["dpv:hasPurpose"]["dct:description"].startswith("Decide whether")
    assert [item["dct:identifier"] for item in process["dpv:hasPersonalData"]] == [
        "given_name",
        "birthdate",
        "address",
    ]
    assert process["dpv:hasDataController"] == document["dpv:hasEntity"]["@id"]
    locations, retention, deletion = process["dpv:hasStorageCondition"]
    assert locations["dpv:hasLocation"] == ["loc:IE", "loc:CN-GD"]
    assert retention["dpv:hasDuration"]["rdf:value"] == "PT7776000S"
    assert deletion["dpv:hasDuration"]["rdf:value"] == "2030-07-15T17:46:40Z"
    assert process["dpv:hasJurisdiction"] == "loc:IE"
    assert process["dpv:hasRecipient"] == ["Acme Rentals Ltd."]
    assert process["dpv:hasConsentControl"]["dpv:isExercisedAt"] == "https://acme.example/withdraw"
    # PII: type.
    assert {item["@type"] for item in process["dpv:hasPersonalData"]} == {"dpv:PersonalData"}
    # Party: id, name, address, contact, type.
    entity = document["dpv:hasEntity"]
    for member in ("@id", "dpv:hasName", "schema:address", "schema:contactPoint"):
        assert entity[member]
    assert "dpv:DataController" in entity["@type"]
    # Event: time, validity duration, entity id, type, state.
    (event,) = document["dpv:hasConsentStatus"]
    assert event["dpv:isIndicatedAtTime"] == "2030-03-17T17:46:40Z"
    assert event["dct:valid"] == "2030-03-17T17:46:40Z/2030-04-16T17:46:40Z"
    assert event["dpv:isIndicatedBy"] == subject
    assert event["dpv:hasLegalBasis"] == "dpv:ExplicitlyExpressedConsent"
    assert event["@type"] == "dpv:ConsentGiven"


def test_a21_two_records_of_one_request_share_neither_salt_nor_id_nor_hash(
    request_terms: RequestedTerms, provider: DataSource, subject: Address, now: int
) -> None:
    records = [
        ConsentRecord.from_request(
            request_terms, provider=provider, subject=subject, decided_at=now
        )
        for _ in range(10)
    ]
    assert len({one.salt for one in records}) == 10
    assert len({one.record_id for one in records}) == 10
    assert len({terms_hash(one) for one in records}) == 10


def test_subject_is_brought_to_lower_case(
    request_terms: RequestedTerms, provider: DataSource, now: int
) -> None:
    made = ConsentRecord.from_request(
        request_terms, provider=provider, subject="0x" + "AB" * 20, decided_at=now
    )
    assert made.subject == "0x" + "ab" * 20
    with pytest.raises(InvalidIdentifierError):
        ConsentRecord.from_request(request_terms, provider=provider, subject="me", decided_at=now)


# --- fields that contradict or cannot be written ------------------------------------------------


def _consumer(**changes: Any) -> Callable[[RequestedTerms], RequestedTerms]:
    return lambda terms: replace(terms, consumer=replace(terms.consumer, **changes))


def _notice(**changes: Any) -> Callable[[RequestedTerms], RequestedTerms]:
    return lambda terms: replace(terms, notice=replace(terms.notice, **changes))


def _terms(**changes: Any) -> Callable[[RequestedTerms], RequestedTerms]:
    return lambda terms: replace(terms, **changes)


PROCESS = "/dpv:hasProcess"
VALID = "/dpv:hasConsentStatus/0/dct:valid"
CASES: list[tuple[Callable[[RequestedTerms], RequestedTerms], str]] = [
    (_terms(request_id=""), "/consentry:request"),
    (_terms(request_id="a b"), "/consentry:request"),
    (_terms(request_id="x" * 129), "/consentry:request"),
    (_terms(request_id=7), "/consentry:request"),
    (_consumer(did="did:web:acme.example"), "/dpv:hasEntity/@id"),
    (_consumer(name=""), "/dpv:hasEntity/dpv:hasName"),
    (_consumer(name="Acme\u202eLtd"), "/dpv:hasEntity/dpv:hasName"),
    (_consumer(name=" Acme"), "/dpv:hasEntity/dpv:hasName"),
    (_consumer(name="Zoe\u0308"), "/dpv:hasEntity/dpv:hasName"),
    (_consumer(name="Acme\nLtd"), "/dpv:hasEntity/dpv:hasName"),
    (_consumer(name="x" * 2001), "/dpv:hasEntity/dpv:hasName"),
    (_consumer(name=None), "/dpv:hasEntity/dpv:hasName"),
    (_consumer(address=""), "/dpv:hasEntity/schema:address"),
    (_consumer(contact=""), "/dpv:hasEntity/schema:contactPoint"),
    (_terms(schema_id="person"), f"{PROCESS}/consentry:schema"),
    (_terms(schema_id="urn:x:y\n"), f"{PROCESS}/consentry:schema"),
    (_terms(attributes=()), f"{PROCESS}/dpv:hasPersonalData"),
    (_terms(attributes=("a", "a")), f"{PROCESS}/dpv:hasPersonalData"),
    (_terms(attributes=("a b",)), f"{PROCESS}/dpv:hasPersonalData/0/dct:identifier"),
    (_terms(attributes=("ok", "x" * 65)), f"{PROCESS}/dpv:hasPersonalData/1/dct:identifier"),
    (_terms(purpose_id="rent"), f"{PROCESS}/dpv:hasPurpose/@id"),
    (_terms(purpose_text=""), f"{PROCESS}/dpv:hasPurpose/dct:description"),
    (_terms(purpose_text="x\u2066y"), f"{PROCESS}/dpv:hasPurpose/dct:description"),
    (_notice(url="ftp://acme.example"), "/dpv:hasNotice/@id"),
    (_notice(url="https://acme.example/a b"), "/dpv:hasNotice/@id"),
    (_notice(language="English!"), "/dpv:hasNotice/dct:language"),
    (_notice(text_hash=HexHash("0x" + "AB" * 32)), "/dpv:hasNotice/consentry:textHash"),
    (_terms(retention_seconds=0), f"{PROCESS}/dpv:hasStorageCondition/1"),
    (_terms(retention_seconds=121 * 86_400), f"{PROCESS}/dpv:hasStorageCondition/1"),
    (_terms(retention_seconds=1.5), f"{PROCESS}/dpv:hasStorageCondition/1"),
    (_terms(erase_by=1_900_000_000 + 30 * 86_400 - 1), f"{PROCESS}/dpv:hasStorageCondition/2"),
    (_terms(erase_by=2**40), f"{PROCESS}/dpv:hasStorageCondition/2"),
    (_terms(jurisdiction="Ireland"), f"{PROCESS}/dpv:hasJurisdiction"),
    (_terms(jurisdiction="ie"), f"{PROCESS}/dpv:hasJurisdiction"),
    (_terms(storage_locations=()), f"{PROCESS}/dpv:hasStorageCondition/0/dpv:hasLocation"),
    (
        _terms(storage_locations=("IE", "IE")),
        f"{PROCESS}/dpv:hasStorageCondition/0/dpv:hasLocation",
    ),
    (
        _terms(storage_locations=("cloud",)),
        f"{PROCESS}/dpv:hasStorageCondition/0/dpv:hasLocation/0",
    ),
    (_terms(recipients=()), f"{PROCESS}/dpv:hasRecipient"),
    (_terms(recipients=("Acme", "")), f"{PROCESS}/dpv:hasRecipient/1"),
    (_terms(withdrawal_method=""), f"{PROCESS}/dpv:hasConsentControl/dpv:isExercisedAt"),
    (_terms(valid_from=1_900_000_000 + 30 * 86_400), VALID),
    (_terms(valid_from=-1), VALID),
    (_terms(valid_from=True), VALID),
    (_terms(max_uses=0), "/dpv:hasConsentStatus/0/dpv:hasDuration/1"),
    (_terms(max_uses=2**32), "/dpv:hasConsentStatus/0/dpv:hasDuration/1"),
    (_terms(assurance_level=4), f"{PROCESS}/consentry:assuranceLevel"),
    (_terms(assurance_level=-1), f"{PROCESS}/consentry:assuranceLevel"),
    (_terms(assurance_level=True), f"{PROCESS}/consentry:assuranceLevel"),
]


@pytest.mark.parametrize(("change", "pointer"), CASES)
def test_refuses_when_a_field_cannot_stand_and_names_it(
    request_terms: RequestedTerms,
    provider: DataSource,
    subject: Address,
    now: int,
    change: Callable[[RequestedTerms], RequestedTerms],
    pointer: str,
) -> None:
    with pytest.raises(InvalidRecordError) as caught:
        ConsentRecord.from_request(
            change(request_terms), provider=provider, subject=subject, decided_at=now
        )
    assert caught.value.pointer == pointer


def test_refuses_when_the_provider_is_the_consumer(
    request_terms: RequestedTerms, subject: Address, now: int
) -> None:
    with pytest.raises(InvalidRecordError):
        ConsentRecord.from_request(
            request_terms,
            provider=DataSource(request_terms.consumer.did, "Acme"),
            subject=subject,
            decided_at=now,
        )


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the paths to every member and element of a document."""
    children: Any = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, (list, tuple)):
        children = enumerate(value)
    return [p for key, inner in children for p in [(*path, key), *_paths(inner, (*path, key))]]


def _changed(document: Any, path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> str:
    changed = copy.deepcopy(document)
    parent = changed
    for part in path[:-1]:
        parent = parent[part]
    change(parent, path[-1])
    return json.dumps(changed)


def test_refuses_when_any_member_is_missing_or_of_another_kind(record: ConsentRecord) -> None:
    document = json.loads(record.to_bytes())
    paths = _paths(document)
    assert len(paths) > 80
    for path in paths:

        def replace_it(parent: Any, key: Any) -> None:
            parent[key] = {"unknown": [7]}

        def remove_it(parent: Any, key: Any) -> None:
            del parent[key]

        with pytest.raises(InvalidRecordError):
            parse_record(_changed(document, path, replace_it))
        # A list that may be shorter is still a record, but not the one that was signed.
        if path[0] != "@context" and path[-2:-1] in (
            ("dpv:hasPersonalData",),
            ("dpv:hasLocation",),
        ):
            shorter = parse_record(_changed(document, path, remove_it))
            assert terms_hash(shorter) != terms_hash(record)
        else:
            with pytest.raises(InvalidRecordError):
                parse_record(_changed(document, path, remove_it))


def test_refuses_when_an_unknown_member_is_added_anywhere(record: ConsentRecord) -> None:
    document = json.loads(record.to_bytes())
    places = [(), *_paths(document)]
    tried = 0
    for path in places:
        target = document
        for part in path:
            target = target[part]
        if not isinstance(target, dict):
            continue
        target["more"] = 1
        with pytest.raises(InvalidRecordError):
            parse_record(json.dumps(document))
        del target["more"]
        tried += 1
    assert tried > 15


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("@id",), "urn:uuid:00000000-0000-4000-8000-000000000000"),
        (("dpv:hasProcess", "dpv:hasDataController"), "did:ethr:0x7a69:0x" + "ee" * 20),
        (("dpv:hasEntity", "dpv:hasIdentifier"), "did:ethr:0x7a69:0x" + "ee" * 20),
        (("dpv:hasProcess", "dpv:hasRight", "dpv:isExercisedAt"), "https://elsewhere.example"),
        (
            ("dpv:hasConsentStatus", 0, "dpv:hasDuration", 0, "rdf:value"),
            "2031-01-01T00:00:00Z",
        ),
        (("dpv:hasConsentStatus", 0, "dpv:isIndicatedBy"), "0x" + "ee" * 20),
        (("dpv:hasConsentStatus", 0, "dpv:isIndicatedAtTime"), "2030-02-30T00:00:00Z"),
        (("dpv:hasConsentStatus", 0, "dpv:isIndicatedAtTime"), "2030-03-17T17:46:40Z\n"),
        (("dpv:hasConsentStatus", 0, "dpv:isIndicatedAtTime"), "2031-03-17T17:46:40Z"),
        (("dpv:hasConsentStatus", 0, "@type"), "dpv:ConsentWithdrawn"),
        (
            ("dpv:hasProcess", "dpv:hasStorageCondition", 1, "dpv:hasDuration", "rdf:value"),
            "PT007S",
        ),
    ],
)
def test_refuses_when_two_fields_disagree(
    record: ConsentRecord, path: tuple[Any, ...], value: str
) -> None:
    def put(parent: Any, key: Any) -> None:
        parent[key] = value

    with pytest.raises(InvalidRecordError):
        parse_record(_changed(json.loads(record.to_bytes()), path, put))


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "1", '"x"', "{}", '{"@type":"dpv:ConsentRecord"}']
)
def test_refuses_when_it_is_no_record_at_all(text: str) -> None:
    with pytest.raises((InvalidRecordError, MalformedJsonError)):
        parse_record(text)


def test_refuses_when_it_is_longer_than_64_kib(record: ConsentRecord) -> None:
    text = record.to_bytes()
    assert parse_record(text + b" " * (65_536 - len(text))) == record
    with pytest.raises(OversizedJsonError):
        parse_record(text + b" " * (65_537 - len(text)))


def test_no_refusal_shows_a_value(record: ConsentRecord) -> None:
    document = json.loads(record.to_bytes())
    secret = "Ottilie-von-Faber"
    for path in _paths(document):

        def put(parent: Any, key: Any) -> None:
            parent[key] = {secret: secret}

        with pytest.raises(InvalidRecordError) as caught:
            parse_record(_changed(document, path, put))
        assert secret not in str(caught.value)


# --- events --------------------------------------------------------------------------------------


def test_events_follow_and_the_signed_record_stays(
    record: ConsentRecord, subject: Address, now: int
) -> None:
    withdrawn = record.followed_by(
        ConsentState.WITHDRAWN, indicated_at=now + 5, indicated_by=subject
    )
    assert record.state is ConsentState.GIVEN
    assert record.state.allows_processing
    assert withdrawn.state is ConsentState.WITHDRAWN
    assert not withdrawn.state.allows_processing
    assert parse_record(withdrawn.to_bytes()) == withdrawn
    assert terms_hash(withdrawn) != terms_hash(record)
    assert withdrawn.as_signed() == record
    assert terms_hash(withdrawn.as_signed()) == terms_hash(record)


def test_expired_and_revoked_can_be_said_by_a_party(record: ConsentRecord, now: int) -> None:
    later = record.followed_by(
        ConsentState.EXPIRED, indicated_at=now + 9, indicated_by=record.request.consumer.did
    ).followed_by(ConsentState.REVOKED, indicated_at=now + 9, indicated_by=record.provider.did)
    assert [event.state for event in later.events] == [
        ConsentState.GIVEN,
        ConsentState.EXPIRED,
        ConsentState.REVOKED,
    ]


def test_a_refusal_is_a_record_too(
    request_terms: RequestedTerms, provider: DataSource, subject: Address, now: int
) -> None:
    refused = ConsentRecord.from_request(
        request_terms,
        provider=provider,
        subject=subject,
        decided_at=now,
        state=ConsentState.REFUSED,
    )
    assert refused.state is ConsentState.REFUSED
    assert not refused.state.allows_processing
    assert parse_record(refused.to_bytes()) == refused
    with pytest.raises(InvalidEventError):
        refused.followed_by(ConsentState.WITHDRAWN, indicated_at=now, indicated_by=subject)


@pytest.mark.parametrize(
    ("state", "seconds", "by"),
    [
        (ConsentState.GIVEN, 5, "0x" + "5b" * 20),
        (ConsentState.REFUSED, 5, "0x" + "5b" * 20),
        (ConsentState.WITHDRAWN, -1, "0x" + "5b" * 20),
        (ConsentState.WITHDRAWN, 5, "0x" + "ee" * 20),
        (ConsentState.WITHDRAWN, 5, "did:ethr:0x7a69:0x" + "c0" * 20),
        (ConsentState.EXPIRED, 5, "did:ethr:0x7a69:0x" + "ee" * 20),
    ],
)
def test_refuses_when_an_event_cannot_follow(
    record: ConsentRecord, now: int, state: ConsentState, seconds: int, by: str
) -> None:
    with pytest.raises(InvalidEventError):
        record.followed_by(state, indicated_at=now + seconds, indicated_by=Did(by))


def test_refuses_when_an_event_is_there_already(
    record: ConsentRecord, subject: Address, now: int
) -> None:
    withdrawn = record.followed_by(ConsentState.WITHDRAWN, indicated_at=now, indicated_by=subject)
    with pytest.raises(InvalidEventError):
        withdrawn.followed_by(ConsentState.WITHDRAWN, indicated_at=now, indicated_by=subject)


def test_refuses_when_consent_is_given_after_its_end(
    request_terms: RequestedTerms, provider: DataSource, subject: Address
) -> None:
    for decided_at in (request_terms.valid_until, request_terms.valid_until + 1):
        with pytest.raises(InvalidRecordError):
            ConsentRecord.from_request(
                request_terms, provider=provider, subject=subject, decided_at=decided_at
            )


def test_fields_are_open_to_comparison(
    record: ConsentRecord, request_terms: RequestedTerms, provider: DataSource
) -> None:
    read = parse_record(record.to_bytes())
    assert read.request == request_terms
    assert read.provider == provider
    assert isinstance(read.request.consumer, Controller)
    assert isinstance(read.request.notice, Notice)
