"""Checking a credential that a provider delivered.

The order is: form, algorithm, key, signature, then what was signed. Nothing that a credential says
about itself decides whom to trust: provider, keys, type, subject and attributes are told by the
caller, who read them from the registry, the consent and the request.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import OKPKey

from consentry.credentials.algorithms import EDDSA_NAMES, EDWARDS_REGISTRY
from consentry.credentials.errors import (
    CredentialExpiredError,
    CredentialNotYetValidError,
    CredentialSignatureError,
    ForbiddenDisclosureError,
    InvalidExpectationError,
    InvalidKeyError,
    MalformedCredentialError,
    MissingAttributeError,
    PlainAttributeError,
    UnexpectedAttributeError,
    UnknownIssuerKeyError,
    UnsupportedAlgorithmError,
    WrongCredentialTypeError,
    WrongIssuerError,
    WrongMediaTypeError,
    WrongSubjectKeyError,
)
from consentry.credentials.keys import (
    KeyThumbprint,
    SubjectKey,
    import_issuer_public_key,
    issuer_key_thumbprint,
)
from consentry.credentials.profile import (
    CLOCK_SKEW_SECONDS,
    MAX_INSTANT,
    MEDIA_TYPE,
    OPEN_CLAIMS,
    SIGNED_CLAIMS,
    holds_reserved_names,
)
from consentry.credentials.schemas import check_attributes
from consentry.credentials.sdjwt import (
    SdJwt,
    process_payload,
    read_jwt_part,
)
from consentry.records.canonical import JsonObject, JsonValue
from consentry.records.errors import InvalidIdentifierError
from consentry.records.identifiers import Address, Did, parse_address, parse_did


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential that passed every check. ``repr`` does not show what it says.

    Attributes:
        issuer: DID of the provider that made it.
        vct: Its type.
        claims: The attributes, exactly those that were asked for.
        issued_at: When it was made; Unix seconds.
        expires_at: First instant at which it is not valid any more; Unix seconds.
        subject_address: The consent's subject, to whose key it is bound.
        subject_key: That key.
        key_thumbprint: Thumbprint of the key that signed it.
        status: Where its status can be looked up; None if it names no place.
    """

    issuer: Did
    vct: str
    claims: Mapping[str, JsonValue] = field(repr=False)
    issued_at: int
    expires_at: int
    subject_address: Address
    subject_key: SubjectKey
    key_thumbprint: KeyThumbprint
    status: JsonObject | None


def verify(
    serialized: str,
    *,
    issuer: str,
    issuer_keys: Collection[bytes],
    vct: str,
    subject_address: str,
    required_attributes: Collection[str],
    now: int,
    schema: JsonObject | None,
    clock_skew_seconds: int = CLOCK_SKEW_SECONDS,
) -> Credential:
    """Check a credential as it is delivered (RFC 9901 section 7.3, without key binding).

    In direct delivery the consent is the holder's proof, so a key binding JWT is refused here;
    see :func:`consentry.credentials.keybinding.verify_presentation` for one that has it.

    Args:
        serialized: The SD-JWT in compact form; at most 64 KiB.
        issuer: DID of the provider that the consent names.
        issuer_keys: The Ed25519 public keys that it publishes now; 32 bytes each.
        vct: The type asked for.
        subject_address: The consent's subject.
        required_attributes: Exactly the attributes asked for; one too many is refused like one
            missing, since nobody is to learn more than they must.
        now: The instant of verification; Unix seconds.
        schema: JSON Schema of the attributes; None checks no schema.
        clock_skew_seconds: How far `iat` and `nbf` may lie ahead of ``now``. `exp` is exact.

    Returns:
        The credential.

    Raises:
        InvalidExpectationError: One of the arguments is not usable.
        OversizedCredentialError: The text is longer than 64 KiB.
        MalformedCredentialError: It is not an SD-JWT VC of this profile.
        UnsupportedAlgorithmError: It is signed with anything but Ed25519.
        WrongMediaTypeError: Its `typ` is not `dc+sd-jwt`.
        UnknownIssuerKeyError: Its `kid` is the thumbprint of none of the keys.
        CredentialSignatureError: The signature does not fit.
        WrongIssuerError: Another provider made it.
        WrongCredentialTypeError: It is of another type.
        CredentialNotYetValidError: `iat` or `nbf` lies ahead.
        CredentialExpiredError: `exp` is reached; the end is exclusive.
        WrongSubjectKeyError: It is bound to another key.
        UnreferencedDisclosureError: A disclosure was changed or added.
        DuplicateDisclosureError: A disclosure, digest or name stands twice.
        ForbiddenDisclosureError: A registered claim is disclosed selectively.
        PlainAttributeError: An attribute is not selectively disclosable.
        UnexpectedAttributeError: An attribute was not asked for.
        MissingAttributeError: An attribute asked for is not there.
        SchemaMismatchError: An attribute breaks the schema.
        InvalidSchemaError: The schema is not usable.
    """
    parts = SdJwt.parse(serialized)
    if parts.key_binding_jwt is not None:
        raise MalformedCredentialError("it has a key binding JWT where none belongs")
    return verify_parts(
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


def verify_parts(
    parts: SdJwt,
    *,
    issuer: str,
    issuer_keys: Collection[bytes],
    vct: str,
    subject_address: str | None,
    required_attributes: Collection[str],
    now: int,
    schema: JsonObject | None,
    clock_skew_seconds: int,
) -> Credential:
    """Check the issuer's JWT and the disclosures of a credential that is already taken apart.

    Args:
        parts: The credential; its key binding JWT is not looked at.
        issuer: As for :func:`verify`.
        issuer_keys: As for :func:`verify`.
        vct: As for :func:`verify`.
        subject_address: As for :func:`verify`; None takes any key in `cnf`.
        required_attributes: As for :func:`verify`.
        now: As for :func:`verify`.
        schema: As for :func:`verify`.
        clock_skew_seconds: As for :func:`verify`.

    Returns:
        The credential.

    Raises:
        CredentialError: As for :func:`verify`.
    """
    _check_expectations(vct, required_attributes, now, clock_skew_seconds)
    try:
        provider = parse_did(issuer)
        subject = None if subject_address is None else parse_address(subject_address)
    except InvalidIdentifierError as error:
        raise InvalidExpectationError(error.kind, str(error)) from None
    key, thumbprint = _select_key(parts.issuer_jwt, issuer_keys)
    payload = _verified_payload(parts.issuer_jwt, key)

    if payload.get("iss") != provider:
        raise WrongIssuerError(provider)
    if payload.get("vct") != vct:
        raise WrongCredentialTypeError(vct)
    issued_at, expires_at = _check_times(payload, now, clock_skew_seconds)
    subject_key = _subject_key(payload, subject)
    status = payload.get("status")
    if "status" in payload and (not isinstance(status, dict) or holds_reserved_names(status)):
        raise MalformedCredentialError("its status is not an object")

    plain = payload.keys() - SIGNED_CLAIMS - {"_sd", "_sd_alg"}
    if plain:
        raise PlainAttributeError(plain)
    claims = process_payload(payload, parts.disclosures)
    attributes = {name: claims[name] for name in claims if name not in payload}
    for name in sorted(attributes):
        if name in OPEN_CLAIMS:
            raise ForbiddenDisclosureError(name)
    if unexpected := attributes.keys() - set(required_attributes):
        raise UnexpectedAttributeError(unexpected)
    if missing := set(required_attributes) - attributes.keys():
        raise MissingAttributeError(missing)
    if schema is not None:
        check_attributes(attributes, schema)
    return Credential(
        issuer=provider,
        vct=vct,
        claims=MappingProxyType(attributes),
        issued_at=issued_at,
        expires_at=expires_at,
        subject_address=subject_key.address,
        subject_key=subject_key,
        key_thumbprint=thumbprint,
        status=status if isinstance(status, dict) else None,
    )


def _check_expectations(
    vct: str, required_attributes: Collection[str], now: int, clock_skew_seconds: int
) -> None:
    if not isinstance(vct, str) or not vct:
        raise InvalidExpectationError("vct", "the id of a schema")
    if isinstance(required_attributes, str) or not all(
        isinstance(name, str) for name in required_attributes
    ):
        raise InvalidExpectationError("required_attributes", "a collection of names")
    if not required_attributes:
        raise InvalidExpectationError("required_attributes", "at least one name")
    for parameter, seconds in (("now", now), ("clock_skew_seconds", clock_skew_seconds)):
        if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds < 0:
            raise InvalidExpectationError(parameter, "a whole number of seconds")


def _select_key(issuer_jwt: str, issuer_keys: Collection[bytes]) -> tuple[OKPKey, KeyThumbprint]:
    """Find the published key that the header names; the header itself is not trusted with more."""
    header = read_jwt_part(issuer_jwt, 0)
    if header.get("alg") not in EDDSA_NAMES:
        raise UnsupportedAlgorithmError(EDDSA_NAMES)
    if header.get("typ") != MEDIA_TYPE:
        raise WrongMediaTypeError(MEDIA_TYPE)
    if set(header) != {"alg", "kid", "typ"}:
        raise MalformedCredentialError("its header has other members than alg, kid and typ")
    try:
        by_thumbprint = {issuer_key_thumbprint(key): key for key in issuer_keys}
    except InvalidKeyError as error:
        raise InvalidExpectationError("issuer_keys", str(error)) from None
    for thumbprint, public_bytes in by_thumbprint.items():
        if header["kid"] == thumbprint:
            return import_issuer_public_key(public_bytes), thumbprint
    raise UnknownIssuerKeyError


def _verified_payload(issuer_jwt: str, key: OKPKey) -> JsonObject:
    """Check the issuer's signature, and only then read what it signed."""
    try:
        jws.deserialize_compact(issuer_jwt, key, registry=EDWARDS_REGISTRY)
    except BadSignatureError:
        raise CredentialSignatureError from None
    return read_jwt_part(issuer_jwt, 1)


def _check_times(payload: JsonObject, now: int, clock_skew_seconds: int) -> tuple[int, int]:
    times = {}
    for name in ("iat", "nbf", "exp"):
        if name == "nbf" and name not in payload:
            continue
        instant = payload.get(name)
        if isinstance(instant, bool) or not isinstance(instant, int):
            raise MalformedCredentialError(f"its {name} is not a whole number of Unix seconds")
        if not 0 <= instant <= MAX_INSTANT:
            raise MalformedCredentialError(f"its {name} is not from 0 to {MAX_INSTANT}")
        times[name] = instant
    valid_from = max(times["iat"], times.get("nbf", 0))
    if times["exp"] <= valid_from:
        raise MalformedCredentialError("it expires before it is valid")
    if now >= times["exp"]:
        raise CredentialExpiredError(times["exp"], now)
    if valid_from > now + clock_skew_seconds:
        raise CredentialNotYetValidError(valid_from, now)
    return times["iat"], times["exp"]


def _subject_key(payload: JsonObject, subject: Address | None) -> SubjectKey:
    confirmation = payload.get("cnf")
    if not isinstance(confirmation, dict) or set(confirmation) != {"jwk"}:
        raise MalformedCredentialError("its cnf does not hold just a jwk")
    try:
        key = SubjectKey.from_jwk(confirmation["jwk"])
    except InvalidKeyError as error:
        raise MalformedCredentialError(f"its cnf is {error}") from None
    if subject is not None and key.address != subject:
        raise WrongSubjectKeyError(subject)
    return key
