"""Keys: their forms, their names, and what is no key."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from eth_account import Account
from eth_keys.datatypes import PrivateKey
from eth_utils.crypto import keccak

from consentry.credentials import (
    InvalidKeyError,
    InvalidSubjectSignatureError,
    IssuerKey,
    SubjectKey,
    issuer_key_thumbprint,
)
from consentry.credentials.keys import import_subject_private_key
from consentry.records.base64url import decode_base64url

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
DIGEST = keccak(b"a consent")


def test_thumbprint_is_the_one_of_rfc_8037_appendix_a3() -> None:
    seed = decode_base64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
    public = decode_base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
    assert seed is not None
    key = IssuerKey.from_seed(seed)
    assert key.public_bytes == public
    assert key.thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_issuer_key_survives_its_seed_and_pem() -> None:
    key = IssuerKey.generate()
    assert IssuerKey.from_seed(key.to_seed()).public_bytes == key.public_bytes
    assert IssuerKey.from_pem(key.to_pem()).public_bytes == key.public_bytes
    protected = key.to_pem(password=b"a password")
    assert IssuerKey.from_pem(protected, password=b"a password").public_bytes == key.public_bytes
    assert IssuerKey.generate().public_bytes != key.public_bytes


def test_issuer_key_never_shows_its_private_half() -> None:
    key = IssuerKey.generate()
    for shown in (repr(key), str(key), f"{key}"):
        assert key.to_seed().hex() not in shown
        assert key.thumbprint in shown


@pytest.mark.parametrize("seed", [b"", b"\x01" * 31, b"\x01" * 33, "1" * 32])
def test_refuses_when_the_seed_is_not_32_bytes(seed: bytes) -> None:
    with pytest.raises(InvalidKeyError):
        IssuerKey.from_seed(seed)


def test_refuses_when_the_pem_is_not_an_ed25519_key() -> None:
    pem = IssuerKey.generate().to_pem(password=b"right")
    for text, password in ((pem, b"wrong"), (pem, None), (b"", None), (b"-----BEGIN X-----", None)):
        with pytest.raises(InvalidKeyError):
            IssuerKey.from_pem(text, password=password)
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    with pytest.raises(InvalidKeyError):
        IssuerKey.from_pem(other)
    with pytest.raises(InvalidKeyError):
        IssuerKey.generate().to_pem(password=b"")


@pytest.mark.parametrize("public", [b"", b"\x01" * 31, b"\x01" * 33])
def test_refuses_when_a_published_key_is_not_32_bytes(public: bytes) -> None:
    with pytest.raises(InvalidKeyError):
        issuer_key_thumbprint(public)


def test_subject_key_has_the_address_that_ethereum_gives_it() -> None:
    account = Account.from_key(b"\x11" * 32)
    public = PrivateKey(b"\x11" * 32).public_key
    for octets in (
        public.to_bytes(),
        b"\x04" + public.to_bytes(),
        public.to_compressed_bytes(),
    ):
        assert SubjectKey.from_bytes(octets).address == account.address.lower()


def test_subject_key_survives_its_jwk() -> None:
    key = SubjectKey.from_bytes(PrivateKey(b"\x11" * 32).public_key.to_bytes())
    assert set(key.jwk) == {"kty", "crv", "x", "y"}
    assert SubjectKey.from_jwk(key.jwk) == key


def test_recovers_the_key_that_signed_a_digest() -> None:
    account = Account.from_key(b"\x11" * 32)
    signature = account.unsafe_sign_hash(DIGEST).signature
    key = SubjectKey.recover(DIGEST, bytes(signature))
    assert key.address == account.address.lower()
    assert SubjectKey.recover(keccak(b"another"), bytes(signature)) != key


def _signature() -> bytes:
    return bytes(Account.from_key(b"\x11" * 32).unsafe_sign_hash(DIGEST).signature)


def test_h005_refuses_when_s_is_in_the_upper_half() -> None:
    good = _signature()
    s = CURVE_ORDER - int.from_bytes(good[32:64], "big")
    malleated = good[:32] + s.to_bytes(32, "big") + bytes([27 + 28 - good[64]])
    with pytest.raises(InvalidSubjectSignatureError):
        SubjectKey.recover(DIGEST, malleated)


def test_h006_refuses_when_the_signature_is_compact() -> None:
    good = _signature()
    y_parity_and_s = int.from_bytes(good[32:64], "big") | ((good[64] - 27) << 255)
    with pytest.raises(InvalidSubjectSignatureError):
        SubjectKey.recover(DIGEST, good[:32] + y_parity_and_s.to_bytes(32, "big"))


@pytest.mark.parametrize("v", [0, 1, 26, 29, 255])
def test_h007_refuses_when_v_is_neither_27_nor_28(v: int) -> None:
    with pytest.raises(InvalidSubjectSignatureError):
        SubjectKey.recover(DIGEST, _signature()[:64] + bytes([v]))


@pytest.mark.parametrize("length", [0, 1, 63, 64, 66, 97])
def test_h007_refuses_when_the_signature_has_another_length(length: int) -> None:
    with pytest.raises(InvalidSubjectSignatureError):
        SubjectKey.recover(DIGEST, (_signature() + bytes(32))[:length])


@pytest.mark.parametrize(
    "r_and_s",
    [bytes(64), bytes(32) + b"\x01" * 32, b"\x01" * 32 + bytes(32), b"\xff" * 32 + b"\x01" * 32],
)
def test_refuses_when_r_and_s_fit_no_key(r_and_s: bytes) -> None:
    with pytest.raises(InvalidSubjectSignatureError):
        SubjectKey.recover(DIGEST, r_and_s + b"\x1b")


def test_refuses_when_the_digest_is_not_32_bytes() -> None:
    with pytest.raises(InvalidSubjectSignatureError):
        SubjectKey.recover(b"short", _signature())


@pytest.mark.parametrize(
    "octets",
    [b"", bytes(64), b"\x01" * 64, b"\x04" + bytes(64), b"\x02" + b"\xff" * 32, b"\x05" * 33],
)
def test_refuses_when_bytes_are_not_on_the_curve(octets: bytes) -> None:
    with pytest.raises(InvalidKeyError):
        SubjectKey.from_bytes(octets)


@pytest.mark.parametrize(
    "changes",
    [
        {"kty": "OKP"},
        {"crv": "P-256"},
        {"x": "AAAA"},
        {"x": 1},
        {"y": None},
        {"d": "AAAA"},
        {"alg": "ES256K"},
        {"x": "A" * 42 + "B"},
    ],
)
def test_refuses_when_the_jwk_is_not_just_a_secp256k1_point(changes: dict[str, object]) -> None:
    key = SubjectKey.from_bytes(PrivateKey(b"\x11" * 32).public_key.to_bytes())
    with pytest.raises(InvalidKeyError):
        SubjectKey.from_jwk({**key.jwk, **changes})  # type: ignore[dict-item]


@pytest.mark.parametrize("octets", [b"", bytes(32), CURVE_ORDER.to_bytes(32, "big"), b"\x01" * 33])
def test_refuses_when_a_private_key_is_not_of_the_curve(octets: bytes) -> None:
    with pytest.raises(InvalidKeyError):
        import_subject_private_key(octets)
