"""Strict JSON and its canonical form."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from consentry.records import (
    InvalidIdentifierError,
    MalformedJsonError,
    OversizedJsonError,
    canonical_bytes,
    canonical_hash,
    hex_hash,
    parse_address,
    parse_did,
    parse_hex_hash,
    parse_json,
)
from consentry.records.base64url import decode_base64url, encode_base64url
from consentry.records.canonical import first_difference


def test_reads_what_every_reader_reads_alike() -> None:
    assert parse_json('{"a":[1,-2,true,null,"é\\n"]}') == {"a": [1, -2, True, None, "é\n"]}
    assert parse_json(b'"\xc3\xa9"') == "é"
    assert parse_json("[9007199254740991,-9007199254740991]") == [2**53 - 1, 1 - 2**53]
    assert parse_json("[1.5e3]", allow_fractions=True) == [1500.0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}{}",
        "\ufeff{}",
        '{"a":1,"a":2}',
        '{"a":{"b":1,"b":1}}',
        "NaN",
        "Infinity",
        "-Infinity",
        "1.5",
        "1.0",
        "1e3",
        "01",
        "9007199254740992",
        "-9007199254740992",
        "9" * 5000,
        '"\\ud800"',
        '{"\\udfff":1}',
        "'a'",
        "[1,]",
        "// note\n1",
        "[" * 33 + "]" * 33,
        "[" * 30000,
        b"\xff",
        b'"\xc3"',
        b'"\xed\xa0\x80"',
        "\ud800",
    ],
)
def test_refuses_when_two_readers_could_differ(text: bytes | str) -> None:
    with pytest.raises(MalformedJsonError):
        parse_json(text)


@pytest.mark.parametrize("text", ["1e999", "-1e999", "NaN"])
def test_refuses_when_a_number_is_not_finite(text: str) -> None:
    with pytest.raises(MalformedJsonError):
        parse_json(text, allow_fractions=True)


def test_refuses_when_the_text_is_too_long() -> None:
    assert parse_json('"' + "é" * 4 + '"', limit_bytes=10) == "éééé"
    with pytest.raises(OversizedJsonError) as caught:
        parse_json('"' + "é" * 5 + '"', limit_bytes=10)
    assert (caught.value.size_bytes, caught.value.limit_bytes) == (12, 10)


def test_canonical_form_is_the_one_of_rfc_8785_section_3_2_3() -> None:
    # The RFC's own example of sorting: names in the order of their UTF-16 code units.
    names = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    written = canonical_bytes(names).decode("utf-8")
    order = ["Carriage Return", "One", "Control", "Latin Small", "Euro Sign", "Emoji", "Hebrew"]
    assert [written.index(word) for word in order] == sorted(written.index(word) for word in order)


def test_canonical_form_is_the_one_of_rfc_8785_section_3_2_2() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical_bytes(value).decode("utf-8") == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_canonical_form_does_not_depend_on_kind_or_order_of_containers() -> None:
    frozen = MappingProxyType({"b": (1, 2), "a": MappingProxyType({"c": None})})
    assert canonical_bytes(frozen) == canonical_bytes({"a": {"c": None}, "b": [1, 2]})
    assert len(canonical_hash(frozen)) == 32
    assert canonical_hash(frozen) != canonical_hash({"a": {"c": None}, "b": [2, 1]})


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**53, "\ud800", {1: 2}, b"x", {"a": {1, 2}}, [object()]]
)
def test_refuses_to_write_what_has_no_json_form(value: Any) -> None:
    with pytest.raises(MalformedJsonError):
        canonical_bytes(value)


def test_refuses_to_write_what_is_nested_too_deep() -> None:
    value: Any = []
    for _ in range(5000):
        value = [value]
    with pytest.raises(MalformedJsonError):
        canonical_bytes(value)


@pytest.mark.parametrize(
    ("left", "right", "pointer"),
    [
        ({"a": 1}, {"a": 1}, None),
        ({"a": [1, {"b/c~d": 2}]}, {"a": [1, {"b/c~d": 3}]}, "/a/1/b~1c~0d"),
        ([1], [1, 2], "/1"),
        ({"a": 1}, {}, "/a"),
        (1, True, ""),
        (True, True, None),
        (False, 0, ""),
        ("a", ["a"], ""),
    ],
)
def test_finds_the_first_difference(left: Any, right: Any, pointer: str | None) -> None:
    assert first_difference(left, right) == pointer


@pytest.mark.parametrize("text", ["", "AA", "AAA", "AAAA", "_-8"])
def test_base64url_has_one_text_for_one_value(text: str) -> None:
    octets = decode_base64url(text)
    assert octets is not None
    assert encode_base64url(octets) == text


@pytest.mark.parametrize(
    "text", ["A", "AB", "AAB", "AA==", "A+", "A/", "é", "AA\n", " AA", "AAAAA"]
)
def test_base64url_refuses_every_other_text(text: str) -> None:
    assert decode_base64url(text) is None


@pytest.mark.parametrize("text", ["0x" + "AB" * 20, "0x" + "ab" * 20])
def test_h033_addresses_are_brought_to_lower_case(text: str) -> None:
    assert parse_address(text) == "0x" + "ab" * 20


@pytest.mark.parametrize(
    "text",
    ["", "ab" * 20, "0X" + "ab" * 20, "0x" + "ab" * 19, "0x" + "ab" * 20 + "\n", "0x" + "\u0430" * 40],
)
def test_h033_refuses_when_it_is_not_an_address(text: str) -> None:
    with pytest.raises(InvalidIdentifierError):
        parse_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "did:ethr:0x7A69:0x" + "ab" * 20,
        "did:ethr:0x7a69:0x" + "AB" * 20,
        "did:ethr:31337:0x" + "ab" * 20,
        "did:ethr:0x07a69:0x" + "ab" * 20,
        "did:ethr:0x" + "ab" * 20,
        "did:ethr:0x7a69:0x" + "ab" * 20 + "#x",
        "did:ethr:0x7a69:0x" + "ab" * 20 + "\n",
        "did:\u0435thr:0x7a69:0x" + "ab" * 20,
    ],
)
def test_h033_refuses_when_a_did_has_a_second_spelling(text: str) -> None:
    assert parse_did("did:ethr:0x7a69:0x" + "ab" * 20) == "did:ethr:0x7a69:0x" + "ab" * 20
    with pytest.raises(InvalidIdentifierError):
        parse_did(text)


def test_hashes_are_lower_case_text() -> None:
    octets = bytes(range(32))
    assert parse_hex_hash(hex_hash(octets)) == octets
    for text in (hex_hash(octets).upper(), hex_hash(octets)[2:], hex_hash(octets) + "\n", ""):
        with pytest.raises(InvalidIdentifierError):
            parse_hex_hash(text)
    for wrong in (b"", bytes(31), bytes(33)):
        with pytest.raises(InvalidIdentifierError):
            hex_hash(wrong)
