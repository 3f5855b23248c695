"""Presentations with key binding; each refusal changes one thing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jws

from consentry.credentials import (
    Credential,
    InvalidClaimsError,
    InvalidExpectationError,
    InvalidKeyError,
    IssuerKey,
    KeyBindingMismatchError,
    KeyBindingSignatureError,
    KeyBindingTimeError,
    MalformedCredentialError,
    MissingAttributeError,
    MissingKeyBindingError,
    SdJwt,
    SubjectKey,
    UnsupportedAlgorithmError,
    WrongMediaTypeError,
    WrongSubjectKeyError,
    present,
    presentation_hash,
    verify_presentation,
)
from consentry.credentials.keys import import_subject_private_key

Make = Callable[..., Any]
AUDIENCE = "did:ethr:0x7a69:0x" + "cd" * 20
NONCE = "n-0S6_WzA2Mj"


@pytest.fixture
def show(issue_credential: Make, subject_private_key: bytes, now: int) -> Make:
    """Present the name of the usual credential, with some arguments changed."""

    def make(**changes: Any) -> SdJwt:
        arguments: dict[str, Any] = {
            "attributes": {"given_name"},
            "audience": AUDIENCE,
            "nonce": NONCE,
            "issued_at": now,
            "holder_private_key": subject_private_key,
        } | changes
        return present(issue_credential(), **arguments)

    return make


@pytest.fixture
def check(issuer_key: IssuerKey, provider_did: str, vct: str, now: int) -> Make:
    """Check a presentation with the usual expectations, with some of them changed."""

    def run(presentation: SdJwt, **changes: Any) -> Credential:
        arguments: dict[str, Any] = {
            "audience": AUDIENCE,
            "nonce": NONCE,
            "issuer": provider_did,
            "issuer_keys": [issuer_key.public_bytes],
            "vct": vct,
            "required_attributes": {"given_name"},
            "now": now,
            "schema": None,
        } | changes
        return verify_presentation(presentation.serialize(), **arguments)

    return run


@pytest.fixture
def rebind(issue_credential: Make, subject_private_key: bytes, now: int) -> Make:
    """Bind a presentation with a JWT of any header and payload, signed by the holder."""

    def make(header: dict[str, Any] | None = None, **claims: Any) -> SdJwt:
        parts = issue_credential().disclose({"given_name"})
        payload = {"aud": AUDIENCE, "iat": now, "nonce": NONCE, "sd_hash": presentation_hash(parts)}
        payload = {name: value for name, value in (payload | claims).items() if value is not None}
        token = jws.serialize_compact(
            header or {"alg": "ES256K", "typ": "kb+jwt"},
            json.dumps(payload).encode(),
            import_subject_private_key(subject_private_key),
            algorithms=["ES256K"],
        )
        return SdJwt(parts.issuer_jwt, parts.disclosures, token)

    return make


def test_verifies_what_was_presented(show: Make, check: Make, subject_key: SubjectKey) -> None:
    credential = check(show())
    assert dict(credential.claims) == {"given_name": "Zoë"}
    assert credential.subject_key == subject_key


def test_refuses_when_there_is_no_key_binding(issue_credential: Make, check: Make) -> None:
    with pytest.raises(MissingKeyBindingError):
        check(issue_credential())


def test_refuses_when_somebody_else_signed(show: Make, check: Make) -> None:
    with pytest.raises(KeyBindingSignatureError):
        check(show(holder_private_key=b"\x22" * 32))


@pytest.mark.parametrize(
    ("claim", "changes"), [("aud", {"audience": "x"}), ("nonce", {"nonce": "x"})]
)
def test_refuses_when_it_was_made_for_something_else(
    show: Make, check: Make, claim: str, changes: dict[str, str]
) -> None:
    with pytest.raises(KeyBindingMismatchError) as caught:
        check(show(**changes))
    assert caught.value.claim == claim


def test_refuses_when_it_was_made_for_other_disclosures(
    show: Make, check: Make, issue_credential: Make
) -> None:
    narrow = show()
    wide = issue_credential().disclose({"given_name"})
    moved = SdJwt(wide.issuer_jwt, wide.disclosures, narrow.key_binding_jwt)
    with pytest.raises(KeyBindingMismatchError) as caught:
        check(moved)
    assert caught.value.claim == "sd_hash"


def test_is_good_for_300_seconds_and_900_of_clock_skew(show: Make, check: Make, now: int) -> None:
    for issued_at in (now - 300, now + 900):
        assert check(show(issued_at=issued_at))
    for issued_at in (now - 301, now + 901):
        with pytest.raises(KeyBindingTimeError):
            check(show(issued_at=issued_at))


def test_refuses_when_the_holder_is_not_the_one_expected(
    show: Make, check: Make, subject_key: SubjectKey, other_subject_key: SubjectKey
) -> None:
    assert check(show(), subject_address=subject_key.address)
    with pytest.raises(WrongSubjectKeyError):
        check(show(), subject_address=other_subject_key.address)


def test_refuses_when_the_header_is_another(rebind: Make, check: Make) -> None:
    assert check(rebind())
    with pytest.raises(WrongMediaTypeError):
        check(rebind({"alg": "ES256K", "typ": "JWT"}))
    with pytest.raises(MalformedCredentialError):
        check(rebind({"alg": "ES256K", "typ": "kb+jwt", "kid": "x"}))


def test_refuses_when_the_algorithm_is_another(
    show: Make, check: Make, issuer_key: IssuerKey
) -> None:
    shown = show()
    token = jws.serialize_compact(
        {"alg": "Ed25519", "typ": "kb+jwt"}, b"{}", issuer_key.as_jose(), algorithms=["Ed25519"]
    )
    with pytest.raises(UnsupportedAlgorithmError):
        check(SdJwt(shown.issuer_jwt, shown.disclosures, token))


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": None},
        {"nonce": None},
        {"aud": None},
        {"sd_hash": None},
        {"exp": 1},
        {"iat": "1"},
        {"iat": True},
    ],
)
def test_refuses_when_the_claims_are_not_the_four(
    rebind: Make, check: Make, claims: dict[str, Any]
) -> None:
    with pytest.raises(MalformedCredentialError):
        check(rebind(**claims))


def test_refuses_when_the_audience_is_a_list(rebind: Make, check: Make) -> None:
    with pytest.raises(KeyBindingMismatchError):
        check(rebind(aud=[AUDIENCE]))


def test_refuses_to_present_what_cannot_be_presented(show: Make) -> None:
    with pytest.raises(MissingAttributeError):
        show(attributes={"shoe_size"})
    with pytest.raises(InvalidKeyError):
        show(holder_private_key=b"short")
    for changes in ({"audience": ""}, {"nonce": ""}, {"issued_at": -1}, {"issued_at": True}):
        with pytest.raises(InvalidClaimsError):
            show(**changes)


def test_refuses_when_the_greatest_age_is_not_usable(show: Make, check: Make) -> None:
    with pytest.raises(InvalidExpectationError):
        check(show(), max_age_seconds=-1)
