"""The one-time key that a request carries and a delivery is encrypted to (X25519)."""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from eth_utils.crypto import keccak
from joserfc.jwk import OKPKey

from consentry.delivery.errors import InvalidDeliveryKeyError, WeakKeyError

_FIELD_PRIME: Final = 2**255 - 19


class OneTimeKey:
    """A consumer's key for one request, and for no other.

    A fresh key is drawn for each request, and its hash stands on chain as the exchange's
    `recipientKeyHash`; that hash is its name. One key decrypts one delivery, but as often as
    needed: the consumer must be able to open it again in a dispute, so decrypting does not use
    the key up. Neither ``repr`` nor ``str`` shows the private half.
    """

    __slots__ = ("_private",)

    def __init__(self, private: X25519PrivateKey) -> None:
        """Wrap a key; use one of the class methods instead.

        Args:
            private: The key.
        """
        self._private = private

    def __repr__(self) -> str:
        """Show the hash of the public key."""
        return f"OneTimeKey(key_hash='0x{self.key_hash.hex()}')"

    @classmethod
    def generate(cls) -> OneTimeKey:
        """Draw a fresh key.

        Returns:
            The key.
        """
        return cls(X25519PrivateKey.generate())

    @classmethod
    def from_private_bytes(cls, octets: bytes) -> OneTimeKey:
        """Read a key from where it was kept.

        Args:
            octets: 32 secret bytes, as :meth:`to_private_bytes` gave them.

        Returns:
            The key.

        Raises:
            InvalidDeliveryKeyError: There are more or fewer than 32 bytes.
        """
        if not isinstance(octets, bytes) or len(octets) != 32:
            raise InvalidDeliveryKeyError("one-time private key")
        return cls(X25519PrivateKey.from_private_bytes(octets))

    def to_private_bytes(self) -> bytes:
        """Give the private key away, to keep it in a safe place.

        Returns:
            32 secret bytes.
        """
        return self._private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())

    @property
    def public_bytes(self) -> bytes:
        """The public key, as the request carries it; 32 bytes."""
        return self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def key_hash(self) -> bytes:
        """keccak-256 of the public key; 32 bytes, on chain as `recipientKeyHash`."""
        return recipient_key_hash(self.public_bytes)

    def as_jose(self) -> OKPKey:
        """Give the key to the JOSE library.

        Returns:
            The private key.
        """
        return OKPKey.import_key(self._private)


def recipient_key_hash(public_bytes: bytes) -> bytes:
    """Compute the name of a one-time key.

    Args:
        public_bytes: The public key; 32 bytes.

    Returns:
        keccak-256 of them; 32 bytes.

    Raises:
        InvalidDeliveryKeyError: There are more or fewer than 32 bytes.
    """
    if not isinstance(public_bytes, bytes) or len(public_bytes) != 32:
        raise InvalidDeliveryKeyError("one-time public key")
    return keccak(public_bytes)


def import_recipient_key(public_bytes: bytes) -> OKPKey:
    """Check a public key and give it to the JOSE library (RFC 7748 section 6.1).

    Args:
        public_bytes: The public key; 32 bytes.

    Returns:
        The public key.

    Raises:
        InvalidDeliveryKeyError: There are more or fewer than 32 bytes.
        WeakKeyError: The key has low order, so that everyone knows the shared secret, or is not
            in canonical form, so that one key would have two hashes.
    """
    if not isinstance(public_bytes, bytes) or len(public_bytes) != 32:
        raise InvalidDeliveryKeyError("one-time public key")
    if int.from_bytes(public_bytes, "little") >= _FIELD_PRIME:
        raise WeakKeyError
    key = X25519PublicKey.from_public_bytes(public_bytes)
    try:
        # The library refuses an all-zero shared secret, which any private key has with such a key.
        X25519PrivateKey.generate().exchange(key)
    except ValueError:
        raise WeakKeyError from None
    return OKPKey.import_key(key)
