"""The envelope: one JWE for one exchange, to the request's one-time key.

JWE compact serialization (RFC 7516) with ECDH-ES+A256KW (RFC 7518, X25519 after RFC 8037) and
A256GCM. The protected header has exactly these members:

* ``alg`` and ``enc``;
* ``epk``: the sender's ephemeral public key;
* ``kid``: keccak-256 of the recipient's public key, the exchange's `recipientKeyHash`, as text;
* ``apv``: the exchange's id in base64url. It goes into the derived key, so that a ciphertext
  opens for no other exchange.

The whole envelope is handed over off chain; what stands on chain is its keccak-256.
"""

from __future__ import annotations

from typing import Final

from eth_utils.crypto import keccak
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry

from consentry.delivery.errors import (
    CiphertextHashMismatchError,
    CompressionRefusedError,
    InvalidDeliveryKeyError,
    MalformedDeliveryError,
    OversizedDeliveryError,
    UndecryptableDeliveryError,
    UnsupportedEncryptionError,
    WrongExchangeError,
    WrongRecipientKeyError,
)
from consentry.delivery.keys import OneTimeKey, import_recipient_key, recipient_key_hash
from consentry.records.base64url import decode_base64url, encode_base64url
from consentry.records.canonical import JsonObject, JsonValue, parse_json
from consentry.records.errors import JsonError

MAX_DELIVERY_BYTES: Final = 256 * 1024
"""Greatest length of an envelope, in bytes."""

_KEY_AGREEMENT: Final = "ECDH-ES+A256KW"
_CONTENT_ENCRYPTION: Final = "A256GCM"
_HEADER_MEMBERS: Final = frozenset({"alg", "enc", "epk", "kid", "apv"})
_WRAPPED_KEY_BYTES: Final = 40
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


class _EnvelopeRegistry(JWERegistry):
    """Allow envelopes up to the limit of this module instead of the library's."""

    max_ciphertext_length = MAX_DELIVERY_BYTES


_REGISTRY: Final = _EnvelopeRegistry(algorithms=[_KEY_AGREEMENT, _CONTENT_ENCRYPTION])


def encrypt(plaintext: bytes, recipient_public_bytes: bytes, *, exchange_id: bytes) -> str:
    """Encrypt a credential for one exchange.

    Args:
        plaintext: What to deliver.
        recipient_public_bytes: The request's one-time X25519 public key; 32 bytes.
        exchange_id: The exchange's id; 32 bytes.

    Returns:
        The envelope: a JWE in compact form, at most 256 KiB.

    Raises:
        InvalidDeliveryKeyError: The key or the id is not 32 bytes long.
        WeakKeyError: The key would keep nothing secret.
        OversizedDeliveryError: The envelope would be longer than 256 KiB.
    """
    _check_hash(exchange_id, "exchange id")
    key = import_recipient_key(recipient_public_bytes)
    if len(plaintext) > MAX_DELIVERY_BYTES:
        raise OversizedDeliveryError(len(plaintext), MAX_DELIVERY_BYTES)
    header = {
        "alg": _KEY_AGREEMENT,
        "enc": _CONTENT_ENCRYPTION,
        "kid": _hex(recipient_key_hash(recipient_public_bytes)),
        "apv": encode_base64url(exchange_id),
    }
    envelope = jwe.encrypt_compact(header, plaintext, key, registry=_REGISTRY)
    if len(envelope) > MAX_DELIVERY_BYTES:
        raise OversizedDeliveryError(len(envelope), MAX_DELIVERY_BYTES)
    return envelope


def decrypt(
    envelope: str,
    key: OneTimeKey,
    *,
    exchange_id: bytes,
    committed_hash: bytes | None = None,
) -> bytes:
    """Open an envelope.

    Args:
        envelope: The envelope as it was handed over.
        key: The request's one-time key; it may be used again, say in a dispute.
        exchange_id: The exchange that it must be for; 32 bytes.
        committed_hash: What the provider committed to on chain; 32 bytes. None skips that check,
            for a caller who made it before.

    Returns:
        The plaintext.

    Raises:
        InvalidDeliveryKeyError: The id or the committed hash is not 32 bytes long.
        OversizedDeliveryError: The envelope is longer than 256 KiB.
        CiphertextHashMismatchError: It is not what the provider committed to.
        MalformedDeliveryError: It is not a JWE of this profile.
        UnsupportedEncryptionError: It is encrypted with other algorithms.
        CompressionRefusedError: It is compressed.
        WeakKeyError: The sender's ephemeral key keeps nothing secret.
        WrongRecipientKeyError: It is encrypted to another key.
        WrongExchangeError: It was made for another exchange.
        UndecryptableDeliveryError: It was changed.
    """
    _check_hash(exchange_id, "exchange id")
    _check_form(envelope)
    if committed_hash is not None:
        check_ciphertext_hash(envelope, committed_hash)
    header_segment, *segments = envelope.split(".")
    if len(segments) != 4:
        raise MalformedDeliveryError("it is not a JWE in compact form")
    header = _read_header(header_segment)
    lengths = (_WRAPPED_KEY_BYTES, _NONCE_BYTES, None, _TAG_BYTES)
    for segment, length in zip(segments, lengths, strict=True):
        octets = decode_base64url(segment)
        if octets is None or (length is not None and len(octets) != length):
            raise MalformedDeliveryError("a part of it is not in base64url or has another length")
    _check_ephemeral_key(header["epk"])
    if header["kid"] != _hex(key.key_hash):
        raise WrongRecipientKeyError(_hex(key.key_hash))
    if header["apv"] != encode_base64url(exchange_id):
        raise WrongExchangeError(_hex(exchange_id))
    try:
        opened = jwe.decrypt_compact(envelope, key.as_jose(), registry=_REGISTRY)
    except (JoseError, ValueError):
        raise UndecryptableDeliveryError from None
    if opened.plaintext is None:
        raise UndecryptableDeliveryError
    return opened.plaintext


def ciphertext_hash(envelope: str) -> bytes:
    """Hash an envelope the way a provider commits to it on chain.

    Args:
        envelope: The envelope.

    Returns:
        keccak-256 over its ASCII characters; 32 bytes.

    Raises:
        OversizedDeliveryError: It is longer than 256 KiB.
        MalformedDeliveryError: It is not ASCII text.
    """
    _check_form(envelope)
    return keccak(envelope.encode("ascii"))


def check_ciphertext_hash(envelope: str, committed_hash: bytes) -> None:
    """Check that an envelope is the one that the provider committed to.

    Args:
        envelope: The envelope as it was handed over.
        committed_hash: The hash on chain; 32 bytes.

    Raises:
        InvalidDeliveryKeyError: The committed hash is not 32 bytes long.
        OversizedDeliveryError: The envelope is longer than 256 KiB.
        MalformedDeliveryError: The envelope is not ASCII text.
        CiphertextHashMismatchError: It is another one.
    """
    _check_hash(committed_hash, "ciphertext hash")
    computed = ciphertext_hash(envelope)
    if computed != committed_hash:
        raise CiphertextHashMismatchError(_hex(committed_hash), _hex(computed))


def _hex(octets: bytes) -> str:
    return "0x" + octets.hex()


def _check_hash(octets: bytes, kind: str) -> None:
    if not isinstance(octets, bytes) or len(octets) != 32:
        raise InvalidDeliveryKeyError(kind)


def _check_form(envelope: str) -> None:
    if not isinstance(envelope, str) or not envelope.isascii():
        raise MalformedDeliveryError("it is not ASCII text")
    if len(envelope) > MAX_DELIVERY_BYTES:
        raise OversizedDeliveryError(len(envelope), MAX_DELIVERY_BYTES)


def _read_header(segment: str) -> JsonObject:
    octets = decode_base64url(segment)
    reason = "its header is not in base64url"
    header: JsonValue = None
    if octets is not None:
        try:
            header = parse_json(octets)
            reason = "its header is not a JSON object"
        except JsonError as error:
            reason = f"its header is {error}"
    if not isinstance(header, dict):
        raise MalformedDeliveryError(reason)
    if header.get("alg") != _KEY_AGREEMENT or header.get("enc") != _CONTENT_ENCRYPTION:
        raise UnsupportedEncryptionError
    if "zip" in header:
        raise CompressionRefusedError
    if set(header) != _HEADER_MEMBERS:
        raise MalformedDeliveryError("its header has other members than it must have")
    return header


def _check_ephemeral_key(jwk: JsonValue) -> None:
    x = jwk.get("x") if isinstance(jwk, dict) else None
    if (
        not isinstance(jwk, dict)
        or set(jwk) != {"kty", "crv", "x"}
        or jwk["kty"] != "OKP"
        or jwk["crv"] != "X25519"
        or not isinstance(x, str)
        or (octets := decode_base64url(x)) is None
        or len(octets) != 32
    ):
        raise MalformedDeliveryError("its ephemeral key is not an X25519 public key")
    import_recipient_key(octets)
