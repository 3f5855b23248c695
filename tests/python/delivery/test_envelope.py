"""Envelopes: what opens, and each single cause for which one does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak
from joserfc import jwe

from consentry.delivery import (
    MAX_DELIVERY_BYTES,
    CiphertextHashMismatchError,
    CompressionRefusedError,
    DeliveryError,
    InvalidDeliveryKeyError,
    MalformedDeliveryError,
    OneTimeKey,
    OversizedDeliveryError,
    UndecryptableDeliveryError,
    UnsupportedEncryptionError,
    WeakKeyError,
    WrongExchangeError,
    WrongRecipientKeyError,
    check_ciphertext_hash,
    ciphertext_hash,
    decrypt,
    encrypt,
)
from consentry.delivery.keys import import_recipient_key
from consentry.records.base64url import decode_base64url, encode_base64url

EXCHANGE_ID = keccak(b"an exchange")
OTHER_EXCHANGE_ID = keccak(b"another exchange")
PLAINTEXT = "a credential of Zoë".encode()

# The X25519 points of low order, RFC 7748 section 7 and the curve's twist; little-endian.
PRIME = 2**255 - 19
LOW_ORDER = [
    number.to_bytes(32, "little")
    for number in (
        0,
        1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
        PRIME - 1,
    )
]
NOT_CANONICAL = [
    number.to_bytes(32, "little")
    for number in (PRIME, PRIME + 1, PRIME + 9, 2**255 + 9, 2**256 - 1)
]


@pytest.fixture
def key() -> OneTimeKey:
    """The request's one-time key."""
    return OneTimeKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def envelope(key: OneTimeKey) -> str:
    """A delivery to that key for the usual exchange."""
    return encrypt(PLAINTEXT, key.public_bytes, exchange_id=EXCHANGE_ID)


def header_of(envelope: str) -> dict[str, Any]:
    """Read the protected header."""
    octets = decode_base64url(envelope.split(".", maxsplit=1)[0])
    assert octets is not None
    header = json.loads(octets)
    assert isinstance(header, dict)
    return header


def with_header(envelope: str, **changes: Any) -> str:
    """Put another header before the same parts; None takes a member out."""
    header = {n: m for n, m in (header_of(envelope) | changes).items() if m is not None}
    return ".".join((encode_base64url(json.dumps(header).encode()), *envelope.split(".")[1:]))


def test_opens_for_its_key_and_exchange(key: OneTimeKey, envelope: str) -> None:
    committed = ciphertext_hash(envelope)
    opened = decrypt(envelope, key, exchange_id=EXCHANGE_ID, committed_hash=committed)
    assert opened == PLAINTEXT


def test_opens_again_in_a_dispute_from_the_key_that_was_kept(
    key: OneTimeKey, envelope: str
) -> None:
    kept = OneTimeKey.from_private_bytes(key.to_private_bytes())
    for _ in range(2):
        assert decrypt(envelope, kept, exchange_id=EXCHANGE_ID) == PLAINTEXT


def test_header_has_the_five_members_of_the_profile(key: OneTimeKey, envelope: str) -> None:
    header = header_of(envelope)
    assert set(header) == {"alg", "enc", "epk", "kid", "apv"}
    assert (header["alg"], header["enc"]) == ("ECDH-ES+A256KW", "A256GCM")
    assert header["kid"] == "0x" + key.key_hash.hex()
    assert decode_base64url(header["apv"]) == EXCHANGE_ID
    assert set(header["epk"]) == {"kty", "crv", "x"}


def test_opens_with_the_jose_library_alone(key: OneTimeKey, envelope: str) -> None:
    opened = jwe.decrypt_compact(envelope, key.as_jose(), algorithms=["ECDH-ES+A256KW", "A256GCM"])
    assert opened.plaintext == PLAINTEXT


def test_opens_what_another_implementation_encrypted(key: OneTimeKey) -> None:
    vector = json.loads(Path(__file__).with_name("made_by_jose_js.json").read_text("utf-8"))
    opened = decrypt(vector["envelope"], key, exchange_id=b"\x01" * 32)
    assert opened.decode() == vector["plaintext"]


def test_two_deliveries_of_the_same_share_nothing(key: OneTimeKey, envelope: str) -> None:
    again = encrypt(PLAINTEXT, key.public_bytes, exchange_id=EXCHANGE_ID)
    assert header_of(again)["epk"] != header_of(envelope)["epk"]
    assert all(
        one != other for one, other in zip(again.split("."), envelope.split("."), strict=True)
    )


def test_hash_is_keccak_over_the_ascii_characters(envelope: str) -> None:
    assert ciphertext_hash(envelope) == keccak(envelope.encode("ascii"))


def test_refuses_when_it_is_not_what_was_committed_to(key: OneTimeKey, envelope: str) -> None:
    another = encrypt(PLAINTEXT, key.public_bytes, exchange_id=EXCHANGE_ID)
    committed = ciphertext_hash(another)
    with pytest.raises(CiphertextHashMismatchError) as caught:
        decrypt(envelope, key, exchange_id=EXCHANGE_ID, committed_hash=committed)
    assert caught.value.committed == "0x" + committed.hex()
    with pytest.raises(CiphertextHashMismatchError):
        check_ciphertext_hash(envelope, committed)
    check_ciphertext_hash(another, committed)


def test_refuses_when_the_key_is_another(envelope: str) -> None:
    with pytest.raises(WrongRecipientKeyError):
        decrypt(envelope, OneTimeKey.generate(), exchange_id=EXCHANGE_ID)


def test_refuses_when_another_key_takes_the_name(envelope: str) -> None:
    other = OneTimeKey.generate()
    renamed = with_header(envelope, kid="0x" + other.key_hash.hex())
    with pytest.raises(UndecryptableDeliveryError):
        decrypt(renamed, other, exchange_id=EXCHANGE_ID)


def test_refuses_when_the_exchange_is_another(key: OneTimeKey, envelope: str) -> None:
    with pytest.raises(WrongExchangeError):
        decrypt(envelope, key, exchange_id=OTHER_EXCHANGE_ID)


def test_refuses_when_it_was_moved_to_another_exchange(key: OneTimeKey, envelope: str) -> None:
    moved = with_header(envelope, apv=encode_base64url(OTHER_EXCHANGE_ID))
    with pytest.raises(UndecryptableDeliveryError):
        decrypt(moved, key, exchange_id=OTHER_EXCHANGE_ID)


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "ECDH-ES"},
        {"alg": "ECDH-ES+A128KW"},
        {"alg": "RSA-OAEP-256"},
        {"alg": "dir"},
        {"alg": "none"},
        {"alg": "PBES2-HS256+A128KW"},
        {"alg": None},
        {"alg": 1},
        {"enc": "A128GCM"},
        {"enc": "A256CBC-HS512"},
        {"enc": None},
        {"enc": ["A256GCM"]},
    ],
)
def test_refuses_when_the_algorithms_are_others(
    key: OneTimeKey, envelope: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(UnsupportedEncryptionError):
        decrypt(with_header(envelope, **changes), key, exchange_id=EXCHANGE_ID)


def test_refuses_when_it_is_compressed(key: OneTimeKey) -> None:
    header = {
        "alg": "ECDH-ES+A256KW",
        "enc": "A256GCM",
        "zip": "DEF",
        "kid": "0x" + key.key_hash.hex(),
        "apv": encode_base64url(EXCHANGE_ID),
    }
    recipient = import_recipient_key(key.public_bytes)
    bomb = jwe.encrypt_compact(
        header, b"x" * 60000, recipient, algorithms=["ECDH-ES+A256KW", "A256GCM", "DEF"]
    )
    with pytest.raises(CompressionRefusedError):
        decrypt(bomb, key, exchange_id=EXCHANGE_ID)


@pytest.mark.parametrize(
    "changes",
    [
        {"kid": None},
        {"apv": None},
        {"epk": None},
        {"apu": "AA"},
        {"crit": ["exp"]},
        {"cty": "JWT"},
        {"jwk": {}},
        {"epk": {}},
        {"epk": "x"},
        {"epk": {"kty": "OKP", "crv": "X25519", "x": "AA"}},
        {"epk": {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url(b"\x09" + bytes(31))}},
        {"epk": {"kty": "OKP", "crv": "X25519", "x": 1}},
        {
            "epk": {
                "kty": "OKP",
                "crv": "X25519",
                "x": encode_base64url(b"\x09" + bytes(31)),
                "d": "AA",
            }
        },
        {"epk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
    ],
)
def test_refuses_when_the_header_is_not_of_the_profile(
    key: OneTimeKey, envelope: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(MalformedDeliveryError):
        decrypt(with_header(envelope, **changes), key, exchange_id=EXCHANGE_ID)


@pytest.mark.parametrize(
    "header", ["[]", "null", "{", '{"alg":"a","alg":"a"}', '{"a":NaN}', "[" * 9000]
)
def test_refuses_when_the_header_is_not_one_json_object(
    key: OneTimeKey, envelope: str, header: str
) -> None:
    parts = (encode_base64url(header.encode()), *envelope.split(".")[1:])
    with pytest.raises(MalformedDeliveryError):
        decrypt(".".join(parts), key, exchange_id=EXCHANGE_ID)


@pytest.mark.parametrize(
    "text", ["", ".", "....", "a.b.c.d.e", "a.b.c.d", "a.b.c.d.e.f", "é.b.c.d.e", None, b"a.b"]
)
def test_refuses_when_it_is_not_a_compact_jwe(key: OneTimeKey, text: Any) -> None:
    with pytest.raises(MalformedDeliveryError):
        decrypt(text, key, exchange_id=EXCHANGE_ID)


@pytest.mark.parametrize("part", [1, 2, 4])
def test_refuses_when_a_part_has_another_length(key: OneTimeKey, envelope: str, part: int) -> None:
    parts = envelope.split(".")
    parts[part] = parts[part] + "AAAA"
    with pytest.raises(MalformedDeliveryError):
        decrypt(".".join(parts), key, exchange_id=EXCHANGE_ID)


@pytest.mark.parametrize("part", [1, 2, 3, 4])
def test_refuses_when_a_part_was_changed(key: OneTimeKey, envelope: str, part: int) -> None:
    parts = envelope.split(".")
    octets = decode_base64url(parts[part])
    assert octets
    parts[part] = encode_base64url(bytes([octets[0] ^ 1]) + octets[1:])
    with pytest.raises(UndecryptableDeliveryError):
        decrypt(".".join(parts), key, exchange_id=EXCHANGE_ID)


def test_takes_up_to_256_kib_and_refuses_more(key: OneTimeKey) -> None:
    greatest = 0
    for size in (196_000, 196_240, 196_250, 196_300):
        try:
            envelope = encrypt(bytes(size), key.public_bytes, exchange_id=EXCHANGE_ID)
        except OversizedDeliveryError:
            continue
        greatest = size
        assert len(decrypt(envelope, key, exchange_id=EXCHANGE_ID)) == size
    assert greatest >= 196_000
    for size in (196_700, MAX_DELIVERY_BYTES + 1):
        with pytest.raises(OversizedDeliveryError):
            encrypt(bytes(size), key.public_bytes, exchange_id=EXCHANGE_ID)
    too_long = "A" * (MAX_DELIVERY_BYTES + 1)
    with pytest.raises(OversizedDeliveryError) as caught:
        decrypt(too_long, key, exchange_id=EXCHANGE_ID)
    assert (caught.value.size_bytes, caught.value.limit_bytes) == (262145, 262144)
    with pytest.raises(OversizedDeliveryError):
        ciphertext_hash(too_long)


@pytest.mark.parametrize("public", LOW_ORDER + NOT_CANONICAL)
def test_refuses_to_encrypt_when_the_key_keeps_nothing_secret(public: bytes) -> None:
    with pytest.raises(WeakKeyError):
        encrypt(PLAINTEXT, public, exchange_id=EXCHANGE_ID)


@pytest.mark.parametrize("public", LOW_ORDER + NOT_CANONICAL)
def test_refuses_to_decrypt_when_the_ephemeral_key_keeps_nothing_secret(
    key: OneTimeKey, envelope: str, public: bytes
) -> None:
    epk = {"kty": "OKP", "crv": "X25519", "x": encode_base64url(public)}
    with pytest.raises(WeakKeyError):
        decrypt(with_header(envelope, epk=epk), key, exchange_id=EXCHANGE_ID)


@pytest.mark.parametrize("octets", [b"", b"\x01" * 31, b"\x01" * 33, "1" * 32, None])
def test_refuses_when_a_key_or_hash_is_not_32_bytes(
    key: OneTimeKey, envelope: str, octets: Any
) -> None:
    with pytest.raises(InvalidDeliveryKeyError):
        encrypt(PLAINTEXT, octets, exchange_id=EXCHANGE_ID)
    with pytest.raises(InvalidDeliveryKeyError):
        encrypt(PLAINTEXT, key.public_bytes, exchange_id=octets)
    with pytest.raises(InvalidDeliveryKeyError):
        decrypt(envelope, key, exchange_id=octets)
    with pytest.raises(InvalidDeliveryKeyError):
        check_ciphertext_hash(envelope, octets)


def test_no_refusal_shows_the_plaintext_or_the_key(key: OneTimeKey, envelope: str) -> None:
    for attempt in (
        lambda: decrypt(envelope, OneTimeKey.generate(), exchange_id=EXCHANGE_ID),
        lambda: decrypt(envelope, key, exchange_id=OTHER_EXCHANGE_ID),
        lambda: decrypt(envelope[:-3], key, exchange_id=EXCHANGE_ID),
        lambda: decrypt(envelope, key, exchange_id=EXCHANGE_ID, committed_hash=EXCHANGE_ID),
    ):
        with pytest.raises(DeliveryError) as caught:
            attempt()
        assert "Zoë" not in str(caught.value)
        assert key.to_private_bytes().hex() not in str(caught.value)
