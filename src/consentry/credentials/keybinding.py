"""Presentations: a holder proves the key in `cnf` with a key binding JWT (RFC 9901 section 4.3).

Direct delivery does without, since the consent is the holder's proof. A wallet that keeps a
credential and shows it again uses this.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from typing import Final

from joserfc import jws
from joserfc.errors import BadSignatureError

from consentry.credentials.algorithms import ES256K, KEY_BINDING_REGISTRY
from consentry.credentials.errors import (
    InvalidClaimsError,
    InvalidExpectationError,
    KeyBindingMismatchError,
    KeyBindingSignatureError,
    KeyBindingTimeError,
    MalformedCredentialError,
    MissingKeyBindingError,
    UnsupportedAlgorithmError,
    WrongMediaTypeError,
)
from consentry.credentials.keys import SubjectKey, import_subject_private_key
from consentry.credentials.profile import CLOCK_SKEW_SECONDS, KEY_BINDING_MEDIA_TYPE, MAX_INSTANT
from consentry.credentials.sdjwt import SdJwt, read_jwt_part
from consentry.credentials.verifying import Credential, verify_parts
from consentry.records.base64url import encode_base64url
from consentry.records.canonical import JsonObject

MAX_KEY_BINDING_AGE_SECONDS: Final = 300
"""How old a key binding JWT may be by default, in seconds."""


def presentation_hash(credential: SdJwt) -> str:
    """Compute `sd_hash`: what ties a key binding JWT to what is presented (section 4.3.1).

    Args:
        credential: The credential with just the disclosures that are presented.

    Returns:
        SHA-256 over the issuer's JWT and the disclosures, in base64url.
    """
    octets = credential.presented_part().encode("ascii")
    return encode_base64url(hashlib.sha256(octets).digest())


def present(
    credential: SdJwt,
    *,
    attributes: Collection[str],
    audience: str,
    nonce: str,
    issued_at: int,
    holder_private_key: bytes,
) -> SdJwt:
    """Show some attributes of a credential to one verifier.

    Args:
        credential: The credential with all its disclosures.
        attributes: Names of the attributes to disclose.
        audience: The verifier's identifier.
        nonce: What the verifier asked to be signed.
        issued_at: Now; Unix seconds.
        holder_private_key: Private half of the key in `cnf`; 32 bytes.

    Returns:
        The presentation.

    Raises:
        MissingAttributeError: The credential has no disclosure for one of the names.
        MalformedCredentialError: A disclosure cannot be read.
        InvalidKeyError: The private key is not one.
        InvalidClaimsError: Audience, nonce or instant cannot be signed.
    """
    if not audience or not nonce:
        raise InvalidClaimsError("a presentation needs an audience and a nonce")
    if isinstance(issued_at, bool) or not 0 <= issued_at <= MAX_INSTANT:
        raise InvalidClaimsError(f"an instant is not from 0 to {MAX_INSTANT}")
    key = import_subject_private_key(holder_private_key)
    disclosed = credential.disclose(attributes)
    payload = {
        "aud": audience,
        "iat": issued_at,
        "nonce": nonce,
        "sd_hash": presentation_hash(disclosed),
    }
    key_binding_jwt = jws.serialize_compact(
        {"alg": ES256K, "typ": KEY_BINDING_MEDIA_TYPE},
        json.dumps(payload, separators=(",", ":")).encode("ascii"),
        key,
        registry=KEY_BINDING_REGISTRY,
    )
    return SdJwt(disclosed.issuer_jwt, disclosed.disclosures, key_binding_jwt)


def verify_presentation(
    serialized: str,
    *,
    audience: str,
    nonce: str,
    issuer: str,
    issuer_keys: Collection[bytes],
    vct: str,
    required_attributes: Collection[str],
    now: int,
    schema: JsonObject | None,
    subject_address: str | None = None,
    clock_skew_seconds: int = CLOCK_SKEW_SECONDS,
    max_age_seconds: int = MAX_KEY_BINDING_AGE_SECONDS,
) -> Credential:
    """Check a presentation with key binding (RFC 9901 section 7.3).

    Args:
        serialized: The SD-JWT+KB in compact form; at most 64 KiB.
        audience: The identifier that the verifier asked to be named by.
        nonce: What it asked to be signed, once.
        issuer: As for :func:`consentry.credentials.verifying.verify`.
        issuer_keys: As there.
        vct: As there.
        required_attributes: As there.
        now: As there.
        schema: As there.
        subject_address: The holder's address, if it is known before; None takes any.
        clock_skew_seconds: How far `iat` may lie ahead, in both JWTs.
        max_age_seconds: How old the key binding JWT may be.

    Returns:
        The credential.

    Raises:
        MissingKeyBindingError: There is no key binding JWT.
        KeyBindingSignatureError: It is not signed with the key in `cnf`.
        KeyBindingMismatchError: It was made for another audience, nonce or credential.
        KeyBindingTimeError: It was made too long ago, or in the future.
        CredentialError: As for :func:`consentry.credentials.verifying.verify`.
    """
    if isinstance(max_age_seconds, bool) or max_age_seconds < 0:
        raise InvalidExpectationError("max_age_seconds", "a whole number of seconds")
    parts = SdJwt.parse(serialized)
    if parts.key_binding_jwt is None:
        raise MissingKeyBindingError
    credential = verify_parts(
        parts,
        issuer=issuer,
        issuer_keys=issuer_keys,
        vct=vct,
        subject_address=subject_address,
        required_attributes=required_attributes,
        now=now,
        schema=schema,
        clock_skew_seconds=clock_skew_seconds,
    )
    payload = _verified_binding(parts.key_binding_jwt, credential.subject_key)
    expected = {"aud": audience, "nonce": nonce, "sd_hash": presentation_hash(parts)}
    for claim, value in expected.items():
        if payload.get(claim) != value:
            raise KeyBindingMismatchError(claim)
    issued_at = payload.get("iat")
    if isinstance(issued_at, bool) or not isinstance(issued_at, int):
        raise MalformedCredentialError("the key binding JWT has no whole number as iat")
    if not now - max_age_seconds <= issued_at <= now + clock_skew_seconds:
        raise KeyBindingTimeError(issued_at, now)
    return credential


def _verified_binding(key_binding_jwt: str, subject_key: SubjectKey) -> JsonObject:
    header = read_jwt_part(key_binding_jwt, 0)
    if header.get("alg") != ES256K:
        raise UnsupportedAlgorithmError((ES256K,))
    if header.get("typ") != KEY_BINDING_MEDIA_TYPE:
        raise WrongMediaTypeError(KEY_BINDING_MEDIA_TYPE)
    if set(header) != {"alg", "typ"}:
        raise MalformedCredentialError("the key binding JWT has other headers than alg and typ")
    try:
        jws.deserialize_compact(
            key_binding_jwt, subject_key.as_jose(), registry=KEY_BINDING_REGISTRY
        )
    except BadSignatureError:
        raise KeyBindingSignatureError from None
    payload = read_jwt_part(key_binding_jwt, 1)
    if set(payload) != {"aud", "iat", "nonce", "sd_hash"}:
        raise MalformedCredentialError("the key binding JWT has other claims than it must have")
    return payload
