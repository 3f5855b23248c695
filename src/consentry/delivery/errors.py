"""What can be wrong with a delivery, one class for each single cause.

::

    DeliveryError
    ├── MalformedDeliveryError        not a JWE, or not of this profile
    ├── OversizedDeliveryError        longer than the limit
    ├── UnsupportedEncryptionError    other algorithms than the ones accepted
    ├── CompressionRefusedError       compressed before it was encrypted
    ├── WrongRecipientKeyError        encrypted to another key
    ├── WrongExchangeError            made for another exchange
    ├── UndecryptableDeliveryError    changed, or made for another key or exchange than it says
    ├── CiphertextHashMismatchError   not what the provider committed to on chain
    ├── WeakKeyError                  an X25519 public key that keeps nothing secret
    └── InvalidDeliveryKeyError       bytes that are no X25519 key, or no hash

Messages show hashes and ids, never plaintext or keys.
"""

from __future__ import annotations

from consentry.errors import ConsentryError


class DeliveryError(ConsentryError):
    """Base of every error of :mod:`consentry.delivery`."""


class MalformedDeliveryError(DeliveryError):
    """Raised when a text is not a JWE of the profile that is used here.

    Attributes:
        reason: What is wrong, without any part of the text.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the delivery is malformed: {reason}")


class OversizedDeliveryError(DeliveryError):
    """Raised when a delivery is longer than the limit.

    Attributes:
        size_bytes: Its length in bytes.
        limit_bytes: Greatest length accepted, in bytes.
    """

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes
        super().__init__(
            f"the delivery is {size_bytes} bytes long; at most {limit_bytes} are accepted"
        )


class UnsupportedEncryptionError(DeliveryError):
    """Raised when a delivery is encrypted with other algorithms than the ones accepted."""

    def __init__(self) -> None:
        super().__init__(
            "the delivery is not encrypted with ECDH-ES+A256KW and A256GCM; nothing else is"
            " accepted"
        )


class CompressionRefusedError(DeliveryError):
    """Raised when a delivery was compressed: its length would tell of its contents."""

    def __init__(self) -> None:
        super().__init__("the delivery is compressed (zip): deliver it uncompressed")


class WrongRecipientKeyError(DeliveryError):
    """Raised when a delivery is encrypted to another key than the one at hand.

    Attributes:
        key_hash: keccak-256 of the key at hand, as text.
    """

    def __init__(self, key_hash: str) -> None:
        self.key_hash = key_hash
        super().__init__(
            f"the delivery is encrypted to another one-time key than {key_hash}:"
            " take the key of the request that it answers"
        )


class WrongExchangeError(DeliveryError):
    """Raised when a delivery was made for another exchange.

    Attributes:
        exchange_id: The exchange that it should be for, as text.
    """

    def __init__(self, exchange_id: str) -> None:
        self.exchange_id = exchange_id
        super().__init__(f"the delivery was not made for exchange {exchange_id}")


class UndecryptableDeliveryError(DeliveryError):
    """Raised when a delivery names the right key and exchange and still does not open."""

    def __init__(self) -> None:
        super().__init__(
            "the delivery does not open: it was changed, or never was for this key and exchange"
        )


class CiphertextHashMismatchError(DeliveryError):
    """Raised when a delivery is not the one that the provider committed to on chain.

    Attributes:
        committed: The hash committed to, as text.
        computed: The hash of the delivery, as text.
    """

    def __init__(self, committed: str, computed: str) -> None:
        self.committed = committed
        self.computed = computed
        super().__init__(
            f"the provider committed to ciphertext {committed} but handed over {computed}:"
            " ask for the right one, or dispute"
        )


class WeakKeyError(DeliveryError):
    """Raised when an X25519 public key keeps nothing secret, or has a second spelling."""

    def __init__(self) -> None:
        super().__init__(
            "the X25519 public key is of low order or not in its canonical form: draw a fresh one"
        )


class InvalidDeliveryKeyError(DeliveryError):
    """Raised when bytes are not a key, an exchange id or a hash.

    Attributes:
        kind: What the bytes should be.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(f"not a usable {kind}: 32 bytes are needed")
