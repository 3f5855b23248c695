"""Making a credential: an SD-JWT VC with just the attributes that were asked for."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from typing import Final

from joserfc import jws

from consentry.credentials.algorithms import EDDSA, EDWARDS_REGISTRY
from consentry.credentials.errors import InvalidClaimsError, OversizedCredentialError
from consentry.credentials.keys import IssuerKey, SubjectKey
from consentry.credentials.profile import (
    MAX_INSTANT,
    MEDIA_TYPE,
    OPEN_CLAIMS,
    holds_reserved_names,
)
from consentry.credentials.sdjwt import (
    HASH_ALGORITHM,
    MAX_CREDENTIAL_BYTES,
    SdJwt,
    decoy_digest,
    disclosure_digest,
    write_disclosure,
)
from consentry.records.canonical import JsonObject, plain_object
from consentry.records.errors import InvalidIdentifierError, MalformedJsonError
from consentry.records.identifiers import parse_did

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,63}")


def issue(
    claims: JsonObject,
    *,
    vct: str,
    issuer: str,
    holder_key: SubjectKey,
    issued_at: int,
    expires_at: int,
    signing_key: IssuerKey,
    status: JsonObject | None = None,
    decoys: int = 0,
) -> SdJwt:
    """Make a credential (RFC 9901, SD-JWT VC).

    Each attribute is one disclosure with a salt of 128 bits, an object attribute such as
    ``address`` as a whole. Issuer, times, type, subject key and status stand open.

    Args:
        claims: The attributes asked for, and no others; at least one.
        vct: Type of the credential: the id of the schema.
        issuer: DID of the provider.
        holder_key: The consent's subject.
        issued_at: Now; Unix seconds.
        expires_at: First instant at which it is not valid any more; Unix seconds.
        signing_key: A key that the provider publishes in its DID attributes. Its thumbprint
            (RFC 7638) is the `kid` in the header.
        status: Where the credential's status can be looked up; None if nowhere.
        decoys: How many digests to add that belong to nothing; 0 to 64.

    Returns:
        The credential with all its disclosures.

    Raises:
        InvalidClaimsError: An attribute, or one of the other arguments, cannot be issued.
        OversizedCredentialError: The credential would be longer than 64 KiB.
    """
    try:
        attributes = plain_object(claims)
        status = None if status is None else plain_object(status)
        issuer = parse_did(issuer)
    except (MalformedJsonError, InvalidIdentifierError) as error:
        raise InvalidClaimsError(str(error)) from None
    _check(attributes, vct, issued_at, expires_at, status, decoys)
    disclosures = [write_disclosure(name, value) for name, value in attributes.items()]
    # The order of disclosures tells nothing about the order in which claims were given.
    secrets.SystemRandom().shuffle(disclosures)
    digests = [disclosure_digest(one) for one in disclosures]
    digests.extend(decoy_digest() for _ in range(decoys))
    payload: dict[str, object] = {
        "_sd": sorted(digests),
        "_sd_alg": HASH_ALGORITHM,
        "cnf": {"jwk": holder_key.jwk},
        "exp": expires_at,
        "iat": issued_at,
        "iss": issuer,
        "vct": vct,
    }
    if status is not None:
        payload["status"] = status
    header = {"alg": EDDSA, "kid": signing_key.thumbprint, "typ": MEDIA_TYPE}
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    issuer_jwt = jws.serialize_compact(
        header, text.encode("utf-8"), signing_key.as_jose(), registry=EDWARDS_REGISTRY
    )
    credential = SdJwt(issuer_jwt, tuple(disclosures))
    if (size := len(credential.serialize())) > MAX_CREDENTIAL_BYTES:
        raise OversizedCredentialError(size, MAX_CREDENTIAL_BYTES)
    return credential


def _check(
    attributes: JsonObject,
    vct: str,
    issued_at: int,
    expires_at: int,
    status: JsonObject | None,
    decoys: int,
) -> None:
    if not attributes:
        raise InvalidClaimsError("it has no attribute")
    for name, value in attributes.items():
        if not _NAME.fullmatch(name):
            raise InvalidClaimsError("the name of an attribute is not 1 to 64 letters or digits")
        if name in OPEN_CLAIMS:
            raise InvalidClaimsError(f"{name} is not an attribute; it is set by the issuer itself")
        if holds_reserved_names(value):
            raise InvalidClaimsError(f"attribute {name} holds a member that SD-JWT reserves")
    if not isinstance(vct, str) or not vct:
        raise InvalidClaimsError("it has no type (vct)")
    for instant in (issued_at, expires_at):
        if isinstance(instant, bool) or not isinstance(instant, int):
            raise InvalidClaimsError("an instant is not a whole number of Unix seconds")
        if not 0 <= instant <= MAX_INSTANT:
            raise InvalidClaimsError(f"an instant is not from 0 to {MAX_INSTANT}")
    if issued_at >= expires_at:
        raise InvalidClaimsError("it expires before it is issued")
    if status is not None and (not isinstance(status, Mapping) or holds_reserved_names(status)):
        raise InvalidClaimsError("its status is not an object without reserved members")
    if isinstance(decoys, bool) or not isinstance(decoys, int) or not 0 <= decoys <= 64:
        raise InvalidClaimsError("decoys is not from 0 to 64")
