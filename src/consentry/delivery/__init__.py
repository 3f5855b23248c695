"""Delivery: a credential goes whole and encrypted to the request's one-time key.

A provider :func:`encrypts <encrypt>` and commits to :func:`ciphertext_hash` on chain; a consumer
:func:`decrypts <decrypt>` what it was handed off chain.
"""

from __future__ import annotations

from consentry.delivery.envelope import (
    MAX_DELIVERY_BYTES,
    check_ciphertext_hash,
    ciphertext_hash,
    decrypt,
    encrypt,
)
from consentry.delivery.errors import (
    CiphertextHashMismatchError,
    CompressionRefusedError,
    DeliveryError,
    InvalidDeliveryKeyError,
    MalformedDeliveryError,
    OversizedDeliveryError,
    UndecryptableDeliveryError,
    UnsupportedEncryptionError,
    WeakKeyError,
    WrongExchangeError,
    WrongRecipientKeyError,
)
from consentry.delivery.keys import OneTimeKey, recipient_key_hash

__all__ = [
    "MAX_DELIVERY_BYTES",
    "CiphertextHashMismatchError",
    "CompressionRefusedError",
    "DeliveryError",
    "InvalidDeliveryKeyError",
    "MalformedDeliveryError",
    "OneTimeKey",
    "OversizedDeliveryError",
    "UndecryptableDeliveryError",
    "UnsupportedEncryptionError",
    "WeakKeyError",
    "WrongExchangeError",
    "WrongRecipientKeyError",
    "check_ciphertext_hash",
    "ciphertext_hash",
    "decrypt",
    "encrypt",
    "recipient_key_hash",
]
