"""Typed messages of exactly what their types hold, and signatures in their one accepted form."""

from __future__ import annotations

import json
from importlib import resources

import pytest
from eth_account import Account
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from consentry.client.encoding import encoded, padded, read_address
from consentry.client.errors import ArgumentInvalid, SignatureInvalid
from consentry.client.signing import TypedDomain, recover

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"
KEY = Account.from_key(keccak(text="a key of these tests"))
DIGEST = keccak(text="a digest")
SIGNATURE = bytes(KEY.unsafe_sign_hash(DIGEST).signature)
R, S, V = SIGNATURE[:32], int.from_bytes(SIGNATURE[32:64], "big"), SIGNATURE[64]


def types():
    """Return every type that is signed, with its domain's file and its fields."""
    for file in sorted(resources.files("consentry.typed_data").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".json"):
            for name, fields in json.loads(file.read_text("utf-8"))["types"].items():
                yield file.name.removesuffix(".json"), name, fields


TYPES = {name: (file, fields) for file, name, fields in types()}
GOOD = {"address": ADDRESS, "string": "Zoë", "string[]": ["a", "b"], "bytes": b"\x01", "bytes32[]": [bytes(32)]}
BAD = {
    "address": ["", "0x12", ADDRESS[2:-1], 1, None, "bob.eth"],
    "string": [None, 1, b"text", "\ud800"],
    "string[]": [None, "ab", [1], [None], ["\udfff"]],
    "bytes": [None, "0x01", 1],
    "bytes32[]": [None, [b"\x01"], [bytes(33)], ["0x"], bytes(32)],
}


def good(kind):
    if kind.startswith("uint"):
        return 1
    return GOOD[kind] if kind in GOOD else b"\x01" * int(kind[5:])


def bad(kind):
    if kind.startswith("uint"):
        return [-1, 1 << int(kind[4:]), True, "1", None, 1.0, b"\x01"]
    size = int(kind[5:]) if kind not in BAD else 0
    return BAD[kind] if kind in BAD else [b"", b"\x01" * (size - 1), b"\x01" * (size + 1), "0x" + "01" * size, 1, None]


# ------------------------------------------------------------- messages


@pytest.mark.parametrize("name", TYPES)
def test_signs_every_type_and_names_the_field_that_its_type_cannot_hold(name):
    file, fields = TYPES[name]
    domain = TypedDomain(file, 31337, ADDRESS)
    message = {field["name"]: good(field["type"]) for field in fields}
    assert recover(domain.digest(name, message), domain.sign(KEY, name, message)) == KEY.address

    for field in fields:
        for value in bad(field["type"]):
            with pytest.raises(ArgumentInvalid) as raised:
                domain.sign(KEY, name, {**message, field["name"]: value})
            assert str(raised.value) == f"{name}.{field['name']} must be {field['type']}, exactly"
            assert raised.value.__cause__ is None


@pytest.mark.parametrize("name", TYPES)
def test_refuses_a_message_with_a_field_too_few_or_too_many(name):
    file, fields = TYPES[name]
    domain = TypedDomain(file, 31337, ADDRESS)
    message = {field["name"]: good(field["type"]) for field in fields}

    for left_out in message:
        with pytest.raises(ArgumentInvalid, match=f"{name} has the fields "):
            domain.digest(name, {field: value for field, value in message.items() if field != left_out})
    with pytest.raises(ArgumentInvalid):
        domain.digest(name, {**message, "more": 1})


def test_takes_a_tuple_for_a_list():
    file, fields = TYPES["Request"]
    domain = TypedDomain(file, 31337, ADDRESS)
    message = {field["name"]: good(field["type"]) for field in fields}

    listed = domain.digest("Request", {**message, "attributes": ["a", "b"]})

    assert domain.digest("Request", {**message, "attributes": ("a", "b")}) == listed
    assert domain.digest("Request", {**message, "attributes": ("a",)}) != listed


def test_digest_differs_for_another_chain_contract_and_type():
    message = {"consent": bytes(32), "subject": ADDRESS}
    digests = {
        TypedDomain("consent_token", chain_id, contract).digest("Withdrawal", message)
        for chain_id in (1, 31337)
        for contract in (ADDRESS, KEY.address)
    }
    assert len(digests) == 4


def test_an_unknown_type_is_a_mistake_of_the_program():
    with pytest.raises(KeyError):
        TypedDomain("consent_token", 31337, ADDRESS).digest("Imagined", {})


# ------------------------------------------------------------- values


@pytest.mark.parametrize("kind", ["bytes32", "uint48", "address", "bytes32[]", "string"])
def test_encodes_exactly_what_fits(kind):
    assert encoded([kind], [good(kind)], "it")
    for value in bad(kind):
        with pytest.raises(ArgumentInvalid, match=r"it must be "):
            encoded([kind], [value], "it")


def test_encodes_a_value_for_each_type():
    with pytest.raises(ArgumentInvalid, match="these must be uint8 and address, exactly"):
        encoded(["uint8", "address", "uint8"], [1, ADDRESS], "these")


def test_fills_a_name_up_as_contracts_write_it():
    assert padded("delivery") == b"delivery" + bytes(24)


@pytest.mark.parametrize("text", [ADDRESS, ADDRESS.lower(), "0x" + ADDRESS[2:].upper()])
def test_reads_an_address_in_one_case_or_with_its_checksum(text):
    assert read_address(text) == ADDRESS


@pytest.mark.parametrize(
    "text",
    ["", "0x", ADDRESS[2:], ADDRESS + "0", ADDRESS[:-1], ADDRESS[:-1] + "g", ADDRESS[:-2] + "e7", None, bytes(20)],
)
def test_refuses_an_address_that_is_mistyped(text):
    with pytest.raises(ArgumentInvalid, match="not an address"):
        read_address(text)


# ------------------------------------------------------------- signatures


def test_recovers_who_signed():
    assert recover(DIGEST, SIGNATURE) == KEY.address


@pytest.mark.parametrize("v", [V, 55 - V])
def test_h005_refuses_a_malleated_signature(v):
    with pytest.raises(SignatureInvalid, match="s is in the upper half"):
        recover(DIGEST, R + (ORDER - S).to_bytes(32, "big") + bytes([v]))


def test_h006_refuses_the_compact_form():
    with pytest.raises(SignatureInvalid, match="not 65 bytes"):
        recover(DIGEST, R + (S | (V - 27) << 255).to_bytes(32, "big"))


@pytest.mark.parametrize("v", [V - 27, 2, 26, 29, 255])
def test_h007_refuses_every_other_v(v):
    with pytest.raises(SignatureInvalid, match="v is neither 27 nor 28"):
        recover(DIGEST, SIGNATURE[:64] + bytes([v]))


@pytest.mark.parametrize("length", [0, 1, 63, 64, 66, 97])
def test_h007_refuses_every_other_length(length):
    with pytest.raises(SignatureInvalid, match="not 65 bytes"):
        recover(DIGEST, (SIGNATURE + bytes(32))[:length])


@pytest.mark.parametrize(
    "rs",
    [bytes(64), bytes(32) + SIGNATURE[32:64], R + bytes(32), b"\xff" * 32 + SIGNATURE[32:64], R + b"\xff" * 32],
    ids=["zeros", "r zero", "s zero", "r too large", "s too large"],
)
def test_h008_refuses_what_no_key_can_have_made(rs):
    with pytest.raises(SignatureInvalid):
        recover(DIGEST, rs + bytes([V]))


@pytest.mark.parametrize("digest", [b"", DIGEST[:31], DIGEST + b"\x00"])
def test_refuses_what_is_no_digest(digest):
    with pytest.raises(SignatureInvalid, match="not 32 bytes"):
        recover(digest, SIGNATURE)


@settings(deadline=None, max_examples=100)
@given(st.binary(min_size=32, max_size=32), st.one_of(st.binary(min_size=65, max_size=65), st.binary(max_size=70)))
def test_h007_any_bytes_recover_to_no_one_of_these_tests(digest, signature):
    try:
        recovered = recover(digest, signature)
    except SignatureInvalid:
        return
    assert recovered not in (KEY.address, "0x" + "00" * 20)
