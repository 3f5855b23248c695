"""Requests: what a wallet and a provider must not act on, and what cannot be read at all."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace

import pytest
from eth_utils.crypto import keccak
from hypothesis import example, given, settings
from hypothesis import strategies as st

from consentry.client import Assurance, Request, SignedRequest
from consentry.client.errors import ArgumentInvalid, RequestRefused
from consentry.client.requests import LARGEST_REQUEST_BYTES
from consentry.client.schemas import identifier_of
from consentry.client.signing import Signature
from consentry.delivery import OneTimeKey
from consentry.demo.bring_up import ACCOUNT, IDENTITY
from consentry.demo.cast import BANK, CAR_DEALER, RENTAL_AGENCY, SECOND_BANK, STRANGER
from consentry.records import Controller, RecordError, RequestedTerms, parse_did
from consentry.schemas import load_purpose, load_schema
from tests.python.client.conftest import NOTICE
from tests.python.client.relay import refusal

CONSUMER = Controller(parse_did("did:ethr:0x7a69:0x" + "ab" * 20), "Harbour Rentals", "Toronto", "a@b.example")
TERMS = RequestedTerms(
    request_id="5f0d",
    consumer=CONSUMER,
    schema_id=IDENTITY,
    attributes=("given_name", "birthdate"),
    purpose_id="urn:consentry:purpose:tenancy-screening",
    purpose_text="To decide whether to rent to you",
    notice=NOTICE,
    retention_seconds=86_400,
    erase_by=1_900_100_000,
    jurisdiction="CA",
    storage_locations=("CA", "CA-ON"),
    recipients=("Harbour Rentals",),
    withdrawal_method="In the wallet",
    valid_from=1_900_000_000,
    valid_until=1_900_003_600,
    max_uses=1,
    assurance_level=2,
)
SIGNED = SignedRequest(
    Request(
        terms=TERMS,
        recipient_key=OneTimeKey.from_private_bytes(bytes(range(32))).public_bytes,
        coordinator=BANK.identity,
        schedule_version=1,
        fee=2_500_000,
        expires_at=1_900_000_900,
        nonce=(1 << 256) - 1,
        signer=RENTAL_AGENCY.identity,
    ),
    Signature(b"\x01" * 65),
)
DOCUMENT = json.loads(SIGNED.to_json())
OTHER_KEY = OneTimeKey.from_private_bytes(bytes(range(1, 33))).public_bytes


def signed_anew(network, signed, key=RENTAL_AGENCY.key, **changes):
    """Change a request and sign it again: fields of the request, or of its terms."""
    own = {field.name for field in fields(Request)} - {"terms"}
    terms = replace(signed.request.terms, **{name: changes[name] for name in changes if name not in own})
    request = replace(signed.request, terms=terms, **{name: changes[name] for name in changes if name in own})
    return network.requests.sign(request, key)


# ------------------------------------------------------------- what may be acted on


@pytest.mark.asyncio
async def test_takes_what_an_accredited_consumer_signed(parties):
    await parties.network.requests.check(await parties.request())


@pytest.mark.asyncio
async def test_takes_it_after_it_travelled(parties):
    signed = await parties.request()

    travelled = SignedRequest.from_json(signed.to_json())

    assert travelled == signed
    await parties.network.requests.check(travelled)


@pytest.mark.asyncio
@pytest.mark.parametrize("language", ["fr", "zh-Hans"])
async def test_takes_a_purpose_in_every_language_that_the_network_has(parties, language):
    signed = await parties.request()
    text = load_purpose(signed.request.terms.purpose_id).text(language)

    await parties.network.requests.check(signed_anew(parties.network, signed, purpose_text=text))


@pytest.mark.asyncio
async def test_takes_what_a_delegate_of_kind_exchange_signed(parties):
    identity = RENTAL_AGENCY.identity
    await parties.network.identities.add_delegate(identity, "exchange", STRANGER.address, 600, RENTAL_AGENCY.key)
    consumer = parties.open_consumer(key=STRANGER)
    parties.consumer = consumer

    signed = await parties.request()

    assert signed.request.signer == STRANGER.address
    await parties.network.requests.check(signed)


# ------------------------------------------------------------- what was changed

CHANGES = {
    "request_id": "another",
    "schema_id": ACCOUNT,
    "attributes": ("given_name",),
    "purpose_id": "urn:consentry:purpose:account-opening",
    "purpose_text": "For your own good",
    "retention_seconds": 1,
    "jurisdiction": "FR",
    "storage_locations": ("FR",),
    "recipients": ("Anybody",),
    "withdrawal_method": "Never",
    "max_uses": 2,
    "assurance_level": 1,
    "recipient_key": OTHER_KEY,
    "coordinator": STRANGER.address,
    "schedule_version": 2,
    "fee": 1,
    "nonce": 7,
    "signer": STRANGER.address,
}
NUDGED = ("erase_by", "valid_from", "valid_until", "expires_at")
CONSUMER_CHANGES = {
    "did": parse_did(f"did:ethr:0x7a69:{SECOND_BANK.identity.lower()}"),
    "name": "Your Bank",
    "address": "Elsewhere",
    "contact": "nobody@example.org",
}
NOTICE_CHANGES = {"url": "https://elsewhere.example", "language": "fr", "text_hash": "0x" + "00" * 32}


def tampered(signed, name):
    """Change one field of a signed request, and sign nothing."""
    request, terms = signed.request, signed.request.terms
    if name.startswith("consumer."):
        part = name.split(".")[1]
        changed = {"consumer": replace(terms.consumer, **{part: CONSUMER_CHANGES[part]})}
    elif name.startswith("notice."):
        part = name.split(".")[1]
        changed = {"notice": replace(terms.notice, **{part: NOTICE_CHANGES[part]})}
    elif name in NUDGED:
        changed = {name: getattr(request if name == "expires_at" else terms, name) + 1}
    else:
        changed = {name: CHANGES[name]}
    if set(changed) <= {field.name for field in fields(Request)}:
        return SignedRequest(replace(request, **changed), signed.signature)
    return SignedRequest(replace(request, terms=replace(terms, **changed)), signed.signature)


FIELDS = [
    *(f"consumer.{field.name}" for field in fields(Controller)),
    *(f"notice.{field.name}" for field in fields(NOTICE)),
    *(field.name for field in fields(RequestedTerms) if field.name not in ("consumer", "notice")),
    *(field.name for field in fields(Request) if field.name != "terms"),
]


@pytest.mark.asyncio
async def test_refuses_it_when_any_one_field_was_changed(parties):
    signed = await parties.request()
    assert len(FIELDS) == 29
    for name in FIELDS:
        changed = tampered(signed, name)
        assert changed != signed, name
        with pytest.raises(RequestRefused, match="changed after it was signed, or signed by another key"):
            await parties.network.requests.check(changed)


@pytest.mark.asyncio
async def test_refuses_it_when_the_signature_is_none(parties):
    signed = await parties.request()
    for signature in (b"", signed.signature[:64], signed.signature[:64] + b"\x00", bytes(65)):
        with pytest.raises(RequestRefused, match="signature is not valid"):
            await parties.network.requests.check(SignedRequest(signed.request, signature))


# ------------------------------------------------------------- who signed


@pytest.mark.asyncio
async def test_refuses_it_when_another_key_signed(parties):
    signed = await parties.request()
    changed = signed_anew(parties.network, signed, STRANGER)

    with pytest.raises(RequestRefused, match="signed by another key"):
        await parties.network.requests.check(changed)


@pytest.mark.asyncio
async def test_refuses_it_when_the_signer_may_not_speak_for_the_consumer(parties):
    network, signed = parties.network, await parties.request()
    await network.identities.add_delegate(
        RENTAL_AGENCY.identity, "delivery", SECOND_BANK.identity, 600, RENTAL_AGENCY.key
    )
    for key in (STRANGER, SECOND_BANK.key):
        changed = signed_anew(network, signed, key, signer=key.address)
        with pytest.raises(RequestRefused, match=f"{key.address} may not sign requests for {RENTAL_AGENCY.identity}"):
            await network.requests.check(changed)


@pytest.mark.asyncio
async def test_refuses_it_when_the_delegate_has_expired(parties, mine_at):
    network, identity = parties.network, RENTAL_AGENCY.identity
    await network.identities.add_delegate(identity, "exchange", STRANGER.address, 60, RENTAL_AGENCY.key)
    signed = signed_anew(network, await parties.request(), STRANGER, signer=STRANGER.address)
    await network.requests.check(signed)

    mine_at(await network.now() + 61)
    with pytest.raises(RequestRefused, match="not its owner or exchange delegate"):
        await network.requests.check(signed)


@pytest.mark.asyncio
async def test_h034_refuses_it_when_the_owner_has_changed_since(parties):
    signed = await parties.request()
    await parties.network.identities.change_owner(RENTAL_AGENCY.identity, STRANGER.address, RENTAL_AGENCY.key)

    with pytest.raises(RequestRefused, match="may not sign requests"):
        await parties.network.requests.check(signed)
    anew = signed_anew(parties.network, signed, STRANGER, signer=STRANGER.address)
    await parties.network.requests.check(anew)


# ------------------------------------------------------------- when


@pytest.mark.asyncio
async def test_refuses_it_from_the_second_after_its_last_instant(parties, mine_at):
    signed = await parties.request()
    mine_at(signed.request.expires_at)
    await parties.network.requests.check(signed)

    mine_at(signed.request.expires_at + 1)
    with pytest.raises(RequestRefused, match=f"expired at {signed.request.expires_at}"):
        await parties.network.requests.check(signed)


@pytest.mark.asyncio
async def test_refuses_it_when_its_window_has_ended(parties, mine_at):
    signed = await parties.request()
    late = signed_anew(parties.network, signed, expires_at=signed.request.terms.valid_until + 100)
    mine_at(signed.request.terms.valid_until - 1)
    await parties.network.requests.check(late)

    mine_at(signed.request.terms.valid_until)
    with pytest.raises(RequestRefused, match="window or retention has ended"):
        await parties.network.requests.check(late)


@pytest.mark.asyncio
async def test_refuses_it_when_retention_ends_before_the_consent_does(parties):
    signed = await parties.request()
    changed = signed_anew(parties.network, signed, erase_by=signed.request.terms.valid_until - 1)

    with pytest.raises(RequestRefused, match="window or retention"):
        await parties.network.requests.check(changed)


# ------------------------------------------------------------- who asks, and for what


@pytest.mark.asyncio
async def test_refuses_it_when_the_consumer_is_no_active_consumer(parties, carry_out):
    network, signed = parties.network, await parties.request()
    for key in (BANK.key, STRANGER):
        consumer = replace(signed.request.terms.consumer, did=network.did(key.address))
        changed = signed_anew(network, signed, key, signer=key.address, consumer=consumer)
        with pytest.raises(RequestRefused, match=f"{key.address} is not an active consumer of this network"):
            await network.requests.check(changed)

    carry_out(network.identities.suspend(RENTAL_AGENCY.identity))
    with pytest.raises(RequestRefused, match="is not an active consumer of this network"):
        await network.requests.check(signed)


@pytest.mark.asyncio
async def test_refuses_it_when_the_consumer_is_not_accredited(parties):
    parties.consumer = parties.open_consumer(CAR_DEALER)
    signed = await parties.request()

    with pytest.raises(RequestRefused, match=f"{CAR_DEALER.identity} is not accredited to ask for {IDENTITY} for urn:"):
        await parties.network.requests.check(signed)


@pytest.mark.asyncio
async def test_refuses_it_when_the_consumer_is_not_accredited_for_this_purpose(parties):
    signed = await parties.request()
    purpose = load_purpose("urn:consentry:purpose:account-opening")
    changed = signed_anew(parties.network, signed, purpose_id=purpose.urn, purpose_text=purpose.text("en"))

    with pytest.raises(RequestRefused, match="is not accredited to ask"):
        await parties.network.requests.check(changed)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schema_id": "urn:imagined:1"}, "there is no schema urn:imagined:1"),
        ({"attributes": ("given_name", "blood_type")}, "has no attribute blood_type"),
        ({"attributes": ("given_name", "given_name")}, "each once"),
        ({"attributes": ()}, "must name attributes"),
        ({"purpose_id": "urn:imagined"}, "there is no purpose urn:imagined"),
        ({"purpose_text": "To surprise you"}, "into other words than the network's"),
        ({"assurance_level": 0}, "'assurance_level' must be 1"),
        ({"assurance_level": 4}, "'assurance_level' must be 1"),
    ],
)
async def test_refuses_it_when_the_terms_are_not_the_networks(parties, changes, said):
    signed = await parties.request()
    try:
        changed = signed_anew(parties.network, signed, **changes)
    except RequestRefused:
        terms = replace(signed.request.terms, **changes)
        changed = SignedRequest(replace(signed.request, terms=terms), signed.signature)

    with pytest.raises(RequestRefused) as raised:
        await parties.network.requests.check(changed)
    assert said in str(raised.value)


@pytest.mark.asyncio
async def test_shows_nothing_that_a_hostile_consumer_wrote(parties):
    signed = await parties.request()
    hostile = "Ada Lovelace\n\x1b[2J"
    everywhere = {"schema_id": hostile, "attributes": (hostile,), "purpose_id": hostile, "purpose_text": hostile}
    for name, value in everywhere.items():
        with pytest.raises(RequestRefused) as raised:
            await parties.network.requests.check(signed_anew(parties.network, signed, **{name: value}))
        assert "Lovelace" not in str(raised.value)
        assert "\n" not in str(raised.value)


@pytest.mark.asyncio
async def test_refuses_it_when_the_consumer_is_of_another_chain(parties):
    signed = await parties.request()
    elsewhere = parse_did(f"did:ethr:0x1:{RENTAL_AGENCY.identity.lower()}")
    consumer = replace(signed.request.terms.consumer, did=elsewhere)

    with pytest.raises(RequestRefused, match="names a consumer of another chain; use the wallet of that network"):
        await parties.network.requests.check(signed_anew(parties.network, signed, consumer=consumer))


@pytest.mark.asyncio
@pytest.mark.parametrize("did", ["", "did:web:example.org", "did:ethr:0x" + "ab" * 20, "did:ethr:0x7a69:bob.eth"])
async def test_refuses_it_when_the_consumers_did_is_none(parties, did):
    signed = await parties.request()
    terms = replace(signed.request.terms, consumer=replace(signed.request.terms.consumer, did=did))

    with pytest.raises(RequestRefused, match="the request is not in form: not a usable DID"):
        await parties.network.requests.check(SignedRequest(replace(signed.request, terms=terms), signed.signature))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "changes",
    [
        {"recipient_key": bytes(32)},
        {"recipient_key": b"\xff" * 32},
        {"recipient_key": b"\x01" + bytes(31)},
    ],
)
async def test_refuses_a_one_time_key_that_keeps_nothing_secret(parties, changes):
    signed = await parties.request()

    with pytest.raises(RequestRefused, match="not in form: the X25519 public key is of low order"):
        await parties.network.requests.check(signed_anew(parties.network, signed, **changes))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "changes",
    [
        {"recipient_key": bytes(31)},
        {"fee": -1},
        {"fee": 1 << 256},
        {"nonce": -1},
        {"expires_at": 1 << 48},
        {"schedule_version": 1 << 32},
        {"coordinator": "0x12"},
        {"max_uses": 1 << 32},
        {"valid_from": -1},
        {"erase_by": 1 << 60},
        {"notice": replace(NOTICE, text_hash="0x12")},
        {"jurisdiction": "\ud800"},
        {"schema_id": "\ud800"},
        {"attributes": ("\ud800",)},
    ],
)
async def test_refuses_values_that_no_request_can_hold(parties, changes):
    signed = await parties.request()
    with pytest.raises((ArgumentInvalid, RecordError)):
        signed_anew(parties.network, signed, **changes)

    own = {name: changes[name] for name in changes if name in {field.name for field in fields(Request)}}
    terms = replace(signed.request.terms, **{name: changes[name] for name in changes if name not in own})
    changed = SignedRequest(replace(signed.request, terms=terms, **own), signed.signature)
    with pytest.raises(RequestRefused, match="the request is not in form: "):
        await parties.network.requests.check(changed)


def only_schemas(relay, relayed, answer):
    """Let the relay answer otherwise what a schema is."""
    call = relayed.schemas.contract.function("schemaOf", identifier_of(IDENTITY))._encode_transaction_data()

    def do(request):
        return answer(request) if request["params"][0]["data"] == call else relay.forward(request)

    relay.tell("eth_call", do)


@pytest.mark.asyncio
async def test_refuses_it_when_the_packaged_schema_is_not_the_registered_one(relay, relayed, parties):
    signed = await parties.request()
    content_hash = load_schema(IDENTITY).content_hash.hex()

    def change(request):
        answer = relay.forward(request)
        assert content_hash in answer["result"]
        return {**answer, "result": answer["result"].replace(content_hash, keccak(text="another").hex())}

    only_schemas(relay, relayed, change)
    with pytest.raises(RequestRefused, match="is not what the network registered; install the consentry that it uses"):
        await relayed.requests.check(signed)


@pytest.mark.asyncio
async def test_refuses_it_when_the_network_has_no_such_schema(relay, relayed, parties):
    signed = await parties.request()
    unknown = keccak(text="SchemaRegistrySchemaUnknown(bytes32)")[:4] + identifier_of(IDENTITY)
    only_schemas(relay, relayed, refusal("execution reverted", 3, data="0x" + unknown.hex()))

    with pytest.raises(RequestRefused, match="SchemaRegistrySchemaUnknown"):
        await relayed.requests.check(signed)


# ------------------------------------------------------------- reading one


def test_reads_what_it_wrote():
    text = SIGNED.to_json()

    assert SignedRequest.from_json(text) == SIGNED
    assert SignedRequest.from_json(text).to_json() == text
    assert SignedRequest.from_json(json.dumps(DOCUMENT, indent=4)) == SIGNED


def test_writes_every_field():
    assert set(DOCUMENT) == {field.name for field in fields(Request)} | {"signature"}
    assert set(DOCUMENT["terms"]) == set(asdict(TERMS))


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "[]", "1", '"x"', "{}", "\ud800", '{"a": NaN}', '{"a": 1, "a": 2}', "[" * 50_000, "\x00", "{}{}"],
)
def test_refuses_what_is_no_request(text):
    with pytest.raises(RequestRefused) as raised:
        SignedRequest.from_json(text)
    assert "\n" not in str(raised.value)


def test_refuses_what_is_too_large():
    document = {**DOCUMENT, "terms": {**DOCUMENT["terms"], "recipients": ["x" * 1_000] * 40}}
    assert len(json.dumps(document)) > LARGEST_REQUEST_BYTES

    with pytest.raises(RequestRefused, match=r"bytes long; at most 32768"):
        SignedRequest.from_json(json.dumps(document))


def parts(document, path=()):
    """Return the path of every object in a document, and of every member."""
    for name, member in document.items():
        yield (*path, name)
        if isinstance(member, dict):
            yield from parts(member, (*path, name))


def changed_at(path, value, *, remove=False):
    """Change or remove what stands at a path of the document."""
    document = json.loads(json.dumps(DOCUMENT))
    place = document
    for name in path[:-1]:
        place = place[name]
    if remove:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(document)


PATHS = list(parts(DOCUMENT))


@pytest.mark.parametrize("path", PATHS, ids=".".join)
def test_names_the_field_that_is_missing(path):
    with pytest.raises(RequestRefused, match=f"missing: {path[-1]}; unknown: 0"):
        SignedRequest.from_json(changed_at(path, None, remove=True))


@pytest.mark.parametrize("path", PATHS, ids=".".join)
def test_refuses_a_field_of_the_wrong_kind(path):
    for value in (None, True, 1.5, -1, 1 << 60, [], {}, [1], [None], {"x": 1}, "x" * 1_025, ["x"] * 65, "\u0000"):
        if value in _possible(path):
            continue
        with pytest.raises(RequestRefused) as raised:
            SignedRequest.from_json(changed_at(path, value))
        assert len(str(raised.value)) < 700


def _possible(path):
    """Values that a field can have before its meaning is looked at."""
    texts = {"request_id", "name", "address", "contact", "schema_id", "purpose_id", "purpose_text", "url", "language"}
    if path[-1] in texts | {"jurisdiction", "withdrawal_method"}:
        return ["\u0000"]
    return [[]] if path[-1] in ("attributes", "storage_locations", "recipients") else []


@pytest.mark.parametrize("place", [(), ("terms",), ("terms", "consumer"), ("terms", "notice")])
def test_counts_unknown_fields_and_does_not_show_them(place):
    secret = "Ada Lovelace 1815"
    with pytest.raises(RequestRefused, match="missing: none; unknown: 1") as raised:
        SignedRequest.from_json(changed_at((*place, secret), secret))
    assert "Lovelace" not in str(raised.value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("fee",), "-1"),
        (("fee",), "1.0"),
        (("fee",), "٣"),
        (("fee",), str(1 << 256)),
        (("fee",), "9" * 79),
        (("nonce",), ""),
        (("recipient_key",), "0x" + "AB" * 32),
        (("recipient_key",), "0x" + "ab" * 31),
        (("signature",), "0x" + "ab" * 64),
        (("coordinator",), RENTAL_AGENCY.identity[:-1]),
        (("coordinator",), "0x" + RENTAL_AGENCY.identity[2:].swapcase()),
        (("terms", "consumer", "did"), "did:ethr:0x7A69:0x" + "ab" * 20),
        (("terms", "notice", "text_hash"), "0x" + "AB" * 32),
        (("terms", "max_uses"), 1 << 32),
        (("terms", "valid_until"), 1 << 48),
        (("schedule_version",), 1 << 32),
    ],
)
def test_refuses_a_value_that_is_not_in_its_one_form(path, value):
    with pytest.raises(RequestRefused):
        SignedRequest.from_json(changed_at(path, value))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 60), 1 << 60) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=200))
@example("{" * 10_000)
def test_any_text_is_read_or_refused(text):
    try:
        SignedRequest.from_json(text)
    except RequestRefused:
        return
    pytest.fail("a text drawn at random was a request")


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(PATHS), JSON)
def test_any_value_in_any_field_is_read_or_refused(path, value):
    try:
        signed = SignedRequest.from_json(changed_at(path, value))
    except RequestRefused as error:
        said = str(error)
    else:
        said = ""
        assert SignedRequest.from_json(signed.to_json()) == signed
    assert "\n" not in said


@settings(deadline=None, max_examples=100)
@given(st.integers(0, len(SIGNED.to_json()) - 1), st.characters())
def test_any_one_character_changed_is_read_or_refused(position, character):
    text = SIGNED.to_json()
    try:
        signed = SignedRequest.from_json(text[:position] + character + text[position + 1 :])
    except RequestRefused:
        return
    assert signed.to_json() != text or character == text[position]


# ------------------------------------------------------------- its parts


@pytest.mark.parametrize("level", [Assurance.LOW, Assurance.SUBSTANTIAL, Assurance.HIGH])
def test_tells_its_level_of_assurance(level):
    assert replace(SIGNED.request, terms=replace(TERMS, assurance_level=int(level))).assurance is level


def test_names_its_one_time_key_by_its_hash():
    assert SIGNED.request.recipient_key_hash == keccak(SIGNED.request.recipient_key)
