"""The two kinds of key in a credential: the issuer's (Ed25519) and the subject's (secp256k1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NewType

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError
from joserfc.jwk import ECKey, OKPKey

from consentry.credentials.errors import InvalidKeyError, InvalidSubjectSignatureError
from consentry.records.base64url import decode_base64url, encode_base64url
from consentry.records.canonical import JsonObject, JsonValue
from consentry.records.identifiers import Address

KeyThumbprint = NewType("KeyThumbprint", str)
"""SHA-256 thumbprint of a public key (RFC 7638), base64url without padding."""

_CURVE_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


class IssuerKey:
    """A provider's signing key (Ed25519).

    The public half is what the provider publishes in its DID attribute
    ``did/pub/Ed25519/veriKey``. Neither ``repr`` nor ``str`` shows the private half.
    """

    __slots__ = ("_private",)

    def __init__(self, private: Ed25519PrivateKey) -> None:
        """Wrap a key; use one of the class methods instead.

        Args:
            private: The key.
        """
        self._private = private

    def __repr__(self) -> str:
        """Show the thumbprint of the public key."""
        return f"IssuerKey(thumbprint={self.thumbprint!r})"

    @classmethod
    def generate(cls) -> IssuerKey:
        """Draw a fresh key.

        Returns:
            The key.
        """
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> IssuerKey:
        """Make a key from its seed (RFC 8032 section 5.1.5).

        Args:
            seed: 32 secret bytes.

        Returns:
            The key.

        Raises:
            InvalidKeyError: There are more or fewer than 32 bytes.
        """
        if not isinstance(seed, bytes) or len(seed) != 32:
            raise InvalidKeyError("issuer key", "a seed of 32 bytes")
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_pem(cls, pem: bytes, *, password: bytes | None = None) -> IssuerKey:
        """Read a key from PEM (PKCS #8).

        Args:
            pem: The PEM.
            password: What it is encrypted with, if it is.

        Returns:
            The key.

        Raises:
            InvalidKeyError: It is not an Ed25519 key in PEM, or the password does not open it.
        """
        try:
            private = load_pem_private_key(pem, password)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            private = None
        if not isinstance(private, Ed25519PrivateKey):
            raise InvalidKeyError("issuer key", "an Ed25519 key in PEM (PKCS #8) and its password")
        return cls(private)

    def to_seed(self) -> bytes:
        """Give the key's seed away, to keep it in a safe place.

        Returns:
            32 secret bytes.
        """
        return self._private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())

    def to_pem(self, *, password: bytes | None = None) -> bytes:
        """Write the key as PEM (PKCS #8).

        Args:
            password: What to encrypt it with; None leaves it open.

        Returns:
            The PEM.

        Raises:
            InvalidKeyError: The password is empty or too long.
        """
        try:
            protection: KeySerializationEncryption = (
                NoEncryption() if password is None else BestAvailableEncryption(password)
            )
            return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)
        except ValueError:
            raise InvalidKeyError("password", "1 to 1023 bytes") from None

    @property
    def public_bytes(self) -> bytes:
        """The public key; 32 bytes."""
        return self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def thumbprint(self) -> KeyThumbprint:
        """The public key's thumbprint, the `kid` of what this key signs."""
        return issuer_key_thumbprint(self.public_bytes)

    def as_jose(self) -> OKPKey:
        """Give the key to the JOSE library.

        Returns:
            The private key.
        """
        return OKPKey.import_key(self._private)


def import_issuer_public_key(public_bytes: bytes) -> OKPKey:
    """Give a published key to the JOSE library.

    Args:
        public_bytes: The public key as published; 32 bytes.

    Returns:
        The public key.

    Raises:
        InvalidKeyError: There are more or fewer than 32 bytes.
    """
    if not isinstance(public_bytes, bytes) or len(public_bytes) != 32:
        raise InvalidKeyError("issuer key", "an Ed25519 public key of 32 bytes")
    return OKPKey.import_key(Ed25519PublicKey.from_public_bytes(public_bytes))


def issuer_key_thumbprint(public_bytes: bytes) -> KeyThumbprint:
    """Compute the thumbprint that names a published key (RFC 7638 with RFC 8037 appendix A.3).

    Args:
        public_bytes: The public key as published; 32 bytes.

    Returns:
        The thumbprint.

    Raises:
        InvalidKeyError: There are more or fewer than 32 bytes.
    """
    return KeyThumbprint(import_issuer_public_key(public_bytes).thumbprint())


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """A subject's public key (secp256k1), fresh for each consent; a point on the curve.

    Attributes:
        public_bytes: x and y; 64 bytes.

    Raises:
        InvalidKeyError: The bytes are not a point on the curve.
    """

    public_bytes: bytes

    def __post_init__(self) -> None:
        if not isinstance(self.public_bytes, bytes) or len(self.public_bytes) != 64:
            raise InvalidKeyError("subject key", "x and y of a secp256k1 point, 64 bytes,")
        try:
            self._numbers().public_key()
        except ValueError:
            raise InvalidKeyError("subject key", "a point on the curve secp256k1") from None

    @classmethod
    def from_bytes(cls, octets: bytes) -> SubjectKey:
        """Read a key from bytes (SEC 1).

        Args:
            octets: 33 bytes (compressed), 65 bytes (uncompressed) or 64 bytes (x and y).

        Returns:
            The key.

        Raises:
            InvalidKeyError: The bytes are not a point on the curve.
        """
        if isinstance(octets, bytes) and len(octets) == 64:
            return cls(octets)
        try:
            point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256K1(), octets)
        except (ValueError, TypeError):
            raise InvalidKeyError("subject key", "a point on the curve secp256k1") from None
        return cls(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:])

    @classmethod
    def from_jwk(cls, jwk: JsonValue) -> SubjectKey:
        """Read a key from a JWK (RFC 7517, RFC 8812).

        Args:
            jwk: Exactly the members `kty`, `crv`, `x` and `y`.

        Returns:
            The key.

        Raises:
            InvalidKeyError: It has other members, or is not a point on the curve.
        """
        members = dict(jwk) if isinstance(jwk, dict) else {}
        x, y = members.get("x"), members.get("y")
        if (
            set(members) != {"kty", "crv", "x", "y"}
            or members["kty"] != "EC"
            or members["crv"] != "secp256k1"
            or not isinstance(x, str)
            or not isinstance(y, str)
        ):
            raise InvalidKeyError("subject key", "a JWK with just kty EC, crv secp256k1, x and y")
        coordinates = (decode_base64url(x), decode_base64url(y))
        if any(octets is None or len(octets) != 32 for octets in coordinates):
            raise InvalidKeyError("subject key", "a JWK whose x and y are 32 bytes in base64url")
        return cls(b"".join(octets for octets in coordinates if octets is not None))

    @classmethod
    def recover(cls, digest: bytes, signature: bytes) -> SubjectKey:
        """Recover the key that signed a digest, such as the EIP-712 digest of a consent.

        Args:
            digest: 32 bytes.
            signature: r, s and v; 65 bytes, s in the lower half (EIP-2), v 27 or 28.

        Returns:
            The key.

        Raises:
            InvalidSubjectSignatureError: No key can be recovered, or the signature has another
                form of the same signature as its only accepted one.
        """
        if not isinstance(digest, bytes) or len(digest) != 32:
            raise InvalidSubjectSignatureError("the digest is not 32 bytes long")
        if not isinstance(signature, bytes) or len(signature) != 65:
            raise InvalidSubjectSignatureError("it is not 65 bytes long")
        if signature[64] not in (27, 28):
            raise InvalidSubjectSignatureError("v is neither 27 nor 28")
        if int.from_bytes(signature[32:64], "big") > _CURVE_ORDER // 2:
            raise InvalidSubjectSignatureError("s is in the upper half of the curve's order")
        try:
            plain = Signature(signature_bytes=signature[:64] + bytes([signature[64] - 27]))
            public_bytes = plain.recover_public_key_from_msg_hash(digest).to_bytes()
        except (BadSignature, ValidationError, ValueError):
            raise InvalidSubjectSignatureError("r and s fit no key") from None
        return cls(public_bytes)

    @property
    def jwk(self) -> JsonObject:
        """The key as a JWK with just `kty`, `crv`, `x` and `y`."""
        return {
            "kty": "EC",
            "crv": "secp256k1",
            "x": encode_base64url(self.public_bytes[:32]),
            "y": encode_base64url(self.public_bytes[32:]),
        }

    @property
    def address(self) -> Address:
        """The key's account: the last 20 bytes of keccak-256 over x and y, in lower case."""
        return Address("0x" + keccak(self.public_bytes)[-20:].hex())

    def as_jose(self) -> ECKey:
        """Give the key to the JOSE library.

        Returns:
            The public key.
        """
        return ECKey.import_key(self._numbers().public_key())

    def _numbers(self) -> ec.EllipticCurvePublicNumbers:
        return ec.EllipticCurvePublicNumbers(
            int.from_bytes(self.public_bytes[:32], "big"),
            int.from_bytes(self.public_bytes[32:], "big"),
            ec.SECP256K1(),
        )


def import_subject_private_key(private_bytes: bytes) -> ECKey:
    """Give a subject's private key to the JOSE library, to sign a presentation.

    Args:
        private_bytes: 32 secret bytes.

    Returns:
        The private key.

    Raises:
        InvalidKeyError: The bytes are not a private key of the curve.
    """
    if isinstance(private_bytes, bytes) and len(private_bytes) == 32:
        number = int.from_bytes(private_bytes, "big")
        if 0 < number < _CURVE_ORDER:
            return ECKey.import_key(ec.derive_private_key(number, ec.SECP256K1()))
    raise InvalidKeyError("subject key", "a secp256k1 private key of 32 bytes")
