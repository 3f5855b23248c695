"""A provider, a subject, and ways to make good and bad credentials."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eth_keys.datatypes import PrivateKey

from consentry.credentials import Credential, IssuerKey, SdJwt, SubjectKey, issue, verify
from consentry.records.base64url import encode_base64url

NOW = 1_900_000_000
ISSUED_AT = NOW - 10
EXPIRES_AT = NOW + 3600
PROVIDER = "did:ethr:0x7a69:0x" + "ab" * 20
VCT = "urn:consentry:schema:person:1"
SUBJECT_PRIVATE_KEY = bytes.fromhex("11" * 32)
CLAIMS: Mapping[str, Any] = {
    "given_name": "Zoë",
    "birthdate": "1990-02-28",
    "address": {"street_address": "1 Main St", "locality": "Dublin", "country": "IE"},
}
SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["given_name", "family_name"],
    "properties": {
        "given_name": {"type": "string", "minLength": 1},
        "family_name": {"type": "string"},
        "birthdate": {"type": "string", "format": "date"},
        "address": {"$ref": "#/$defs/address"},
    },
    "$defs": {
        "address": {
            "type": "object",
            "properties": {"country": {"type": "string", "pattern": "^[A-Z]{2}$"}},
            "required": ["country"],
        }
    },
}


@pytest.fixture(scope="session")
def now() -> int:
    """The instant at which everything is checked; Unix seconds."""
    return NOW


@pytest.fixture(scope="session")
def provider_did() -> str:
    """DID of the provider."""
    return PROVIDER


@pytest.fixture(scope="session")
def vct() -> str:
    """Type of the credential."""
    return VCT


@pytest.fixture(scope="session")
def claims() -> Mapping[str, Any]:
    """The attributes asked for."""
    return CLAIMS


@pytest.fixture(scope="session")
def schema() -> Mapping[str, Any]:
    """JSON Schema of the attributes."""
    return SCHEMA


@pytest.fixture(scope="session")
def issuer_key() -> IssuerKey:
    """A key that the provider publishes."""
    return IssuerKey.from_seed(bytes(range(32)))


@pytest.fixture(scope="session")
def other_issuer_key() -> IssuerKey:
    """A key that the provider does not publish."""
    return IssuerKey.from_seed(bytes(range(1, 33)))


@pytest.fixture(scope="session")
def subject_private_key() -> bytes:
    """Private half of the consent's subject key."""
    return SUBJECT_PRIVATE_KEY


@pytest.fixture(scope="session")
def subject_key() -> SubjectKey:
    """The consent's subject."""
    return _public(SUBJECT_PRIVATE_KEY)


@pytest.fixture(scope="session")
def other_subject_key() -> SubjectKey:
    """Somebody else's key."""
    return _public(bytes.fromhex("22" * 32))


def _public(private_bytes: bytes) -> SubjectKey:
    return SubjectKey.from_bytes(PrivateKey(private_bytes).public_key.to_bytes())


IssueCredential = Callable[..., SdJwt]
VerifyCredential = Callable[..., Credential]
SignPayload = Callable[..., str]


@pytest.fixture(scope="session")
def issue_credential(issuer_key: IssuerKey, subject_key: SubjectKey) -> IssueCredential:
    """Issue the usual credential, with some arguments changed."""

    def make(**changes: Any) -> SdJwt:
        arguments: dict[str, Any] = {
            "claims": CLAIMS,
            "vct": VCT,
            "issuer": PROVIDER,
            "holder_key": subject_key,
            "issued_at": ISSUED_AT,
            "expires_at": EXPIRES_AT,
            "signing_key": issuer_key,
        } | changes
        return issue(arguments.pop("claims"), **arguments)

    return make


@pytest.fixture(scope="session")
def verify_credential(issuer_key: IssuerKey, subject_key: SubjectKey) -> VerifyCredential:
    """Check a credential with the usual expectations, with some of them changed."""

    def check(credential: SdJwt | str, **changes: Any) -> Credential:
        arguments: dict[str, Any] = {
            "issuer": PROVIDER,
            "issuer_keys": [issuer_key.public_bytes],
            "vct": VCT,
            "subject_address": subject_key.address,
            "required_attributes": set(CLAIMS),
            "now": NOW,
            "schema": SCHEMA,
        } | changes
        text = credential.serialize() if isinstance(credential, SdJwt) else credential
        return verify(text, **arguments)

    return check


@pytest.fixture(scope="session")
def sign_payload(issuer_key: IssuerKey) -> SignPayload:
    """Sign any header and payload with the provider's genuine key, as a dishonest provider can."""
    private = Ed25519PrivateKey.from_private_bytes(issuer_key.to_seed())

    def sign(payload: Any, header: Any = None, *, raw_payload: bytes | None = None) -> str:
        if header is None:
            header = {"alg": "EdDSA", "kid": issuer_key.thumbprint, "typ": "dc+sd-jwt"}
        octets = json.dumps(payload).encode() if raw_payload is None else raw_payload
        signing_input = ".".join(
            encode_base64url(part) for part in (json.dumps(header).encode(), octets)
        )
        return f"{signing_input}.{encode_base64url(private.sign(signing_input.encode()))}"

    return sign


@pytest.fixture(scope="session")
def good_payload(subject_key: SubjectKey) -> Callable[..., dict[str, Any]]:
    """A payload without attributes that is right but for the changes; None takes a member out."""

    def make(**changes: Any) -> dict[str, Any]:
        payload: dict[str, Any] = {
            "_sd": [],
            "_sd_alg": "sha-256",
            "cnf": {"jwk": dict(subject_key.jwk)},
            "exp": EXPIRES_AT,
            "iat": ISSUED_AT,
            "iss": PROVIDER,
            "vct": VCT,
        } | changes
        return {name: member for name, member in payload.items() if member is not None}

    return make
