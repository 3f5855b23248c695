"""Issuing a credential and checking it; each refusal changes one thing."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consentry.credentials import (
    MAX_CREDENTIAL_BYTES,
    CredentialError,
    CredentialExpiredError,
    CredentialNotYetValidError,
    CredentialSignatureError,
    DuplicateDisclosureError,
    ForbiddenDisclosureError,
    InvalidClaimsError,
    InvalidExpectationError,
    IssuerKey,
    MalformedCredentialError,
    MissingAttributeError,
    OversizedCredentialError,
    PlainAttributeError,
    SchemaMismatchError,
    SdJwt,
    SubjectKey,
    UnexpectedAttributeError,
    UnknownIssuerKeyError,
    UnreferencedDisclosureError,
    UnsupportedAlgorithmError,
    WrongCredentialTypeError,
    WrongIssuerError,
    WrongMediaTypeError,
    WrongSubjectKeyError,
)
from consentry.credentials.sdjwt import (
    disclosure_digest,
    read_disclosure,
    read_jwt_part,
    write_disclosure,
)
from consentry.records.base64url import decode_base64url, encode_base64url

Make = Callable[..., Any]


def test_verifies_what_was_issued(
    issue_credential: Make,
    verify_credential: Make,
    issuer_key: IssuerKey,
    subject_key: SubjectKey,
    provider_did: str,
    vct: str,
    claims: Mapping[str, Any],
    now: int,
) -> None:
    credential = verify_credential(issue_credential())
    assert dict(credential.claims) == dict(claims)
    assert credential.issuer == provider_did
    assert credential.vct == vct
    assert credential.subject_address == subject_key.address
    assert credential.subject_key == subject_key
    assert credential.key_thumbprint == issuer_key.thumbprint
    assert (credential.issued_at, credential.expires_at) == (now - 10, now + 3600)
    assert credential.status is None


def test_claims_cannot_be_changed_after_verification(
    issue_credential: Make, verify_credential: Make
) -> None:
    credential = verify_credential(issue_credential())
    with pytest.raises(TypeError):
        credential.claims["given_name"] = "Eve"


def test_header_and_payload_are_those_of_the_profile(
    issue_credential: Make,
    issuer_key: IssuerKey,
    subject_key: SubjectKey,
    claims: Mapping[str, Any],
) -> None:
    issued = issue_credential(decoys=3)
    assert read_jwt_part(issued.issuer_jwt, 0) == {
        "alg": "EdDSA",
        "kid": issuer_key.thumbprint,
        "typ": "dc+sd-jwt",
    }
    payload = read_jwt_part(issued.issuer_jwt, 1)
    assert set(payload) == {"_sd", "_sd_alg", "cnf", "exp", "iat", "iss", "vct"}
    assert payload["_sd_alg"] == "sha-256"
    assert payload["cnf"] == {"jwk": subject_key.jwk}
    assert len(payload["_sd"]) == len(claims) + 3
    assert payload["_sd"] == sorted(payload["_sd"])
    assert {disclosure_digest(one) for one in issued.disclosures} < set(payload["_sd"])


def test_each_salt_has_128_bits_and_is_drawn_afresh(issue_credential: Make) -> None:
    salts = [read_disclosure(one)[0] for _ in range(5) for one in issue_credential().disclosures]
    assert len(set(salts)) == len(salts) == 15
    assert {len(decode_base64url(salt) or b"") for salt in salts} == {16}


def test_an_object_is_disclosed_as_a_whole(
    issue_credential: Make, claims: Mapping[str, Any]
) -> None:
    contents = {
        read_disclosure(one)[1]: read_disclosure(one) for one in issue_credential().disclosures
    }
    assert contents["address"][2] == claims["address"]


def test_the_fully_specified_algorithm_name_is_taken_too(
    issue_credential: Make, verify_credential: Make, issuer_key: IssuerKey, sign_payload: Make
) -> None:
    issued = issue_credential()
    header = {"alg": "Ed25519", "kid": issuer_key.thumbprint, "typ": "dc+sd-jwt"}
    renamed = SdJwt(sign_payload(read_jwt_part(issued.issuer_jwt, 1), header), issued.disclosures)
    assert verify_credential(renamed).key_thumbprint == issuer_key.thumbprint


def test_status_is_passed_on(issue_credential: Make, verify_credential: Make) -> None:
    status = {"status_list": {"idx": 7, "uri": "https://bank.example/status/1"}}
    assert verify_credential(issue_credential(status=status)).status == status


def test_any_published_key_will_do(
    issue_credential: Make,
    verify_credential: Make,
    issuer_key: IssuerKey,
    other_issuer_key: IssuerKey,
) -> None:
    keys = [other_issuer_key.public_bytes, issuer_key.public_bytes]
    assert (
        verify_credential(issue_credential(), issuer_keys=keys).key_thumbprint
        == issuer_key.thumbprint
    )


def test_subject_address_is_taken_in_any_case(
    issue_credential: Make, verify_credential: Make, subject_key: SubjectKey
) -> None:
    mixed = "0x" + subject_key.address[2:].upper()
    assert (
        verify_credential(issue_credential(), subject_address=mixed).subject_address
        == subject_key.address
    )


def test_verifies_what_another_implementation_issued(verify_credential: Make) -> None:
    vector = json.loads(Path(__file__).with_name("made_by_sd_jwt_js.json").read_text("utf-8"))
    credential = verify_credential(
        vector["credential"],
        vct="urn:x:1",
        required_attributes={"given_name", "address"},
        schema=None,
    )
    assert dict(credential.claims) == {"given_name": "Zoë", "address": {"locality": "X"}}


# --- times -----------------------------------------------------------------------------------


def test_h051_is_valid_until_expiry_and_not_at_it(
    issue_credential: Make, verify_credential: Make, now: int
) -> None:
    assert verify_credential(issue_credential(expires_at=now + 1)).expires_at == now + 1
    for expires_at in (now, now - 1):
        with pytest.raises(CredentialExpiredError) as caught:
            verify_credential(issue_credential(issued_at=now - 100, expires_at=expires_at))
        assert (caught.value.expired_at, caught.value.now) == (expires_at, now)


def test_h052_clocks_may_differ_by_900_seconds(
    issue_credential: Make, verify_credential: Make, now: int
) -> None:
    ahead = issue_credential(issued_at=now + 900)
    assert verify_credential(ahead).issued_at == now + 900
    with pytest.raises(CredentialNotYetValidError):
        verify_credential(issue_credential(issued_at=now + 901))
    with pytest.raises(CredentialNotYetValidError):
        verify_credential(ahead, clock_skew_seconds=899)


def test_h052_nbf_is_checked_like_iat(
    sign_payload: Make, verify_credential: Make, good_payload: Make, now: int
) -> None:
    def credential(nbf: int) -> SdJwt:
        disclosure = write_disclosure("given_name", "Zoë")
        digests = [disclosure_digest(disclosure)]
        return SdJwt(sign_payload(good_payload(_sd=digests, nbf=nbf)), (disclosure,))

    assert verify_credential(credential(now + 900), required_attributes={"given_name"})
    with pytest.raises(CredentialNotYetValidError):
        verify_credential(credential(now + 901), required_attributes={"given_name"})


@pytest.mark.parametrize("claim", ["iat", "exp", "nbf"])
@pytest.mark.parametrize("value", ["1900000000", 1.9e9, True, -1, 2**48, [], None])
def test_refuses_when_a_time_is_not_a_whole_number(
    sign_payload: Make, verify_credential: Make, good_payload: Make, claim: str, value: object
) -> None:
    payload = good_payload()
    payload[claim] = value
    with pytest.raises(MalformedCredentialError):
        verify_credential(SdJwt(sign_payload(payload), ()))


@pytest.mark.parametrize("claim", ["iat", "exp", "cnf"])
def test_refuses_when_a_claim_is_missing(
    sign_payload: Make, verify_credential: Make, good_payload: Make, claim: str
) -> None:
    with pytest.raises(MalformedCredentialError):
        verify_credential(SdJwt(sign_payload(good_payload(**{claim: None})), ()))


# --- form and algorithm ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "~",
        "~~",
        "a~",
        "a.b~",
        "a.b.c",
        "a.b.c.d~",
        "e30.e30.e30",
        "=.=.=~",
        "e30.e30.AA==~",
        "e30.e30.e30~!~",
        "e30.e30.e30~~",
        "e30.e30.e30~e30~x",
        "é.e30.e30~",
    ],
)
def test_refuses_when_it_is_not_an_sd_jwt(verify_credential: Make, text: str) -> None:
    with pytest.raises(MalformedCredentialError):
        verify_credential(text)


@pytest.mark.parametrize(
    "header", ["[]", "1", "null", "{", '{"alg":"EdDSA","alg":"EdDSA"}', "\ud800"]
)
def test_refuses_when_the_header_is_not_one_json_object(
    verify_credential: Make, header: str
) -> None:
    segment = encode_base64url(header.encode("utf-8", "surrogatepass"))
    with pytest.raises(MalformedCredentialError):
        verify_credential(f"{segment}.e30.e30~")


def test_refuses_when_a_key_binding_comes_along(
    issue_credential: Make, verify_credential: Make
) -> None:
    with pytest.raises(MalformedCredentialError):
        verify_credential(issue_credential().serialize() + "e30.e30.e30")


def test_takes_up_to_64_kib_and_refuses_more(
    issue_credential: Make, verify_credential: Make
) -> None:
    length = MAX_CREDENTIAL_BYTES // 2
    large = issue_credential(claims={"given_name": "x" * length})
    assert verify_credential(large, required_attributes={"given_name"}, schema=None)
    padded = large.serialize() + "A" * (MAX_CREDENTIAL_BYTES + 1 - len(large.serialize()))
    with pytest.raises(OversizedCredentialError) as caught:
        verify_credential(padded)
    assert (caught.value.size_bytes, caught.value.limit_bytes) == (65537, 65536)
    with pytest.raises(OversizedCredentialError):
        issue_credential(claims={"given_name": "x" * MAX_CREDENTIAL_BYTES})


@pytest.mark.parametrize(
    "alg",
    ["none", "None", "HS256", "ES256", "ES256K", "RS256", "Ed448", "eddsa", "", None, 1, ["EdDSA"]],
)
def test_refuses_when_the_algorithm_is_another(
    issue_credential: Make,
    verify_credential: Make,
    sign_payload: Make,
    issuer_key: IssuerKey,
    alg: object,
) -> None:
    issued = issue_credential()
    header = {"alg": alg, "kid": issuer_key.thumbprint, "typ": "dc+sd-jwt"}
    forged = sign_payload(read_jwt_part(issued.issuer_jwt, 1), header)
    with pytest.raises(UnsupportedAlgorithmError):
        verify_credential(SdJwt(forged, issued.disclosures))


def test_refuses_when_it_is_not_signed_at_all(
    issue_credential: Make, verify_credential: Make
) -> None:
    issued = issue_credential()
    header = encode_base64url(b'{"alg":"none","typ":"dc+sd-jwt","kid":"x"}')
    payload = issued.issuer_jwt.split(".")[1]
    with pytest.raises(UnsupportedAlgorithmError):
        verify_credential(SdJwt(f"{header}.{payload}.", issued.disclosures))


def test_refuses_when_the_public_key_serves_as_hmac_secret(
    issue_credential: Make, verify_credential: Make, issuer_key: IssuerKey
) -> None:
    issued = issue_credential()
    header = {"alg": "HS256", "kid": issuer_key.thumbprint, "typ": "dc+sd-jwt"}
    signing_input = (
        encode_base64url(json.dumps(header).encode()) + "." + issued.issuer_jwt.split(".")[1]
    )
    mac = hmac.new(issuer_key.public_bytes, signing_input.encode(), hashlib.sha256).digest()
    with pytest.raises(UnsupportedAlgorithmError):
        verify_credential(SdJwt(f"{signing_input}.{encode_base64url(mac)}", issued.disclosures))


@pytest.mark.parametrize("typ", ["vc+sd-jwt", "JWT", "kb+jwt", "", None])
def test_refuses_when_the_media_type_is_another(
    issue_credential: Make,
    verify_credential: Make,
    sign_payload: Make,
    issuer_key: IssuerKey,
    typ: str | None,
) -> None:
    issued = issue_credential()
    header = {"alg": "EdDSA", "kid": issuer_key.thumbprint, "typ": typ}
    with pytest.raises(WrongMediaTypeError):
        verify_credential(SdJwt(sign_payload(read_jwt_part(issued.issuer_jwt, 1), header), ()))


@pytest.mark.parametrize("member", ["jwk", "jku", "x5c", "crit", "b64"])
def test_a01_refuses_when_the_header_brings_a_key_or_more(
    issue_credential: Make,
    verify_credential: Make,
    sign_payload: Make,
    issuer_key: IssuerKey,
    member: str,
) -> None:
    issued = issue_credential()
    header = {"alg": "EdDSA", "kid": issuer_key.thumbprint, "typ": "dc+sd-jwt", member: ["x"]}
    with pytest.raises(MalformedCredentialError):
        verify_credential(SdJwt(sign_payload(read_jwt_part(issued.issuer_jwt, 1), header), ()))


# --- key, signature, issuer, type, subject ------------------------------------------------------


def test_a01_refuses_when_the_key_is_not_published(
    issue_credential: Make, verify_credential: Make, other_issuer_key: IssuerKey
) -> None:
    with pytest.raises(UnknownIssuerKeyError):
        verify_credential(issue_credential(signing_key=other_issuer_key))


def test_h034_refuses_when_the_key_is_no_longer_published(
    issue_credential: Make, verify_credential: Make, other_issuer_key: IssuerKey
) -> None:
    issued = issue_credential()
    assert verify_credential(issued)
    with pytest.raises(UnknownIssuerKeyError):
        verify_credential(issued, issuer_keys=[other_issuer_key.public_bytes])
    with pytest.raises(UnknownIssuerKeyError):
        verify_credential(issued, issuer_keys=[])


def test_refuses_when_another_key_signed_under_a_published_name(
    issue_credential: Make,
    verify_credential: Make,
    other_issuer_key: IssuerKey,
    issuer_key: IssuerKey,
) -> None:
    forged = issue_credential(signing_key=other_issuer_key)
    header = {"alg": "EdDSA", "kid": issuer_key.thumbprint, "typ": "dc+sd-jwt"}
    _, payload, _ = forged.issuer_jwt.split(".")
    signing_input = encode_base64url(json.dumps(header).encode()) + "." + payload
    private = Ed25519PrivateKey.from_private_bytes(other_issuer_key.to_seed())
    signature = encode_base64url(private.sign(signing_input.encode()))
    with pytest.raises(CredentialSignatureError):
        verify_credential(SdJwt(f"{signing_input}.{signature}", forged.disclosures))


@pytest.mark.parametrize("signature", ["", "AA", "A" * 86])
def test_refuses_when_the_signature_is_another(
    issue_credential: Make, verify_credential: Make, signature: str
) -> None:
    issued = issue_credential()
    header, payload, _ = issued.issuer_jwt.split(".")
    with pytest.raises(CredentialSignatureError):
        verify_credential(SdJwt(f"{header}.{payload}.{signature}", issued.disclosures))


def test_refuses_when_the_payload_was_changed(
    issue_credential: Make, verify_credential: Make, now: int
) -> None:
    issued = issue_credential()
    header, _, signature = issued.issuer_jwt.split(".")
    payload = {**read_jwt_part(issued.issuer_jwt, 1), "exp": now + 10**6}
    changed = f"{header}.{encode_base64url(json.dumps(payload).encode())}.{signature}"
    with pytest.raises(CredentialSignatureError):
        verify_credential(SdJwt(changed, issued.disclosures))


def test_refuses_when_another_provider_made_it(
    issue_credential: Make, verify_credential: Make
) -> None:
    with pytest.raises(WrongIssuerError):
        verify_credential(issue_credential(issuer="did:ethr:0x7a69:0x" + "ac" * 20))


def test_refuses_when_the_provider_is_of_another_chain(
    issue_credential: Make, verify_credential: Make
) -> None:
    with pytest.raises(WrongIssuerError):
        verify_credential(issue_credential(issuer="did:ethr:0x1:0x" + "ab" * 20))


def test_refuses_when_the_type_is_another(issue_credential: Make, verify_credential: Make) -> None:
    with pytest.raises(WrongCredentialTypeError):
        verify_credential(issue_credential(vct="urn:consentry:schema:person:2"))


def test_refuses_when_it_is_bound_to_another_subject(
    issue_credential: Make, verify_credential: Make, other_subject_key: SubjectKey
) -> None:
    with pytest.raises(WrongSubjectKeyError):
        verify_credential(issue_credential(holder_key=other_subject_key))


@pytest.mark.parametrize(
    "cnf",
    [
        {},
        [],
        "x",
        {"kid": "x"},
        {"jwk": None},
        {"jwk": {"kty": "EC"}},
        {"jwk": {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}},
    ],
)
def test_refuses_when_cnf_holds_no_secp256k1_key(
    sign_payload: Make, verify_credential: Make, good_payload: Make, cnf: object
) -> None:
    with pytest.raises(MalformedCredentialError):
        verify_credential(SdJwt(sign_payload(good_payload(cnf=cnf)), ()))


def test_refuses_when_cnf_holds_a_private_key(
    sign_payload: Make, verify_credential: Make, good_payload: Make, subject_key: SubjectKey
) -> None:
    jwk = {**subject_key.jwk, "d": encode_base64url(b"\x11" * 32)}
    with pytest.raises(MalformedCredentialError):
        verify_credential(SdJwt(sign_payload(good_payload(cnf={"jwk": jwk})), ()))


# --- disclosures --------------------------------------------------------------------------------


def test_refuses_when_a_disclosure_was_changed(
    issue_credential: Make, verify_credential: Make
) -> None:
    issued = issue_credential()
    first, *rest = issued.disclosures
    salt, name, _value = read_disclosure(first)
    changed = encode_base64url(json.dumps([salt, name, "Eve"]).encode())
    with pytest.raises(UnreferencedDisclosureError):
        verify_credential(SdJwt(issued.issuer_jwt, (changed, *rest)))


def test_refuses_when_a_disclosure_is_written_differently(
    issue_credential: Make, verify_credential: Make
) -> None:
    issued = issue_credential()
    first, *rest = issued.disclosures
    rewritten = encode_base64url(json.dumps(list(read_disclosure(first)), indent=1).encode())
    with pytest.raises(UnreferencedDisclosureError):
        verify_credential(SdJwt(issued.issuer_jwt, (rewritten, *rest)))


def test_refuses_when_a_disclosure_was_added(
    issue_credential: Make, verify_credential: Make
) -> None:
    issued = issue_credential()
    added = write_disclosure("family_name", "Eve")
    with pytest.raises(UnreferencedDisclosureError):
        verify_credential(
            SdJwt(issued.issuer_jwt, (*issued.disclosures, added)),
            required_attributes={"given_name", "birthdate", "address", "family_name"},
        )


def test_refuses_when_a_disclosure_comes_from_another_credential(
    issue_credential: Make, verify_credential: Make
) -> None:
    issued, other = issue_credential(), issue_credential(claims={"family_name": "Eve"})
    with pytest.raises(UnreferencedDisclosureError):
        verify_credential(SdJwt(issued.issuer_jwt, (*issued.disclosures, *other.disclosures)))


def test_refuses_when_a_disclosure_stands_twice(
    issue_credential: Make, verify_credential: Make
) -> None:
    issued = issue_credential()
    with pytest.raises(DuplicateDisclosureError):
        verify_credential(SdJwt(issued.issuer_jwt, (*issued.disclosures, issued.disclosures[0])))


def test_refuses_when_a_digest_stands_twice(
    sign_payload: Make, verify_credential: Make, good_payload: Make
) -> None:
    disclosure = write_disclosure("given_name", "Zoë")
    digests = [disclosure_digest(disclosure)] * 2
    with pytest.raises(DuplicateDisclosureError):
        verify_credential(SdJwt(sign_payload(good_payload(_sd=digests)), (disclosure,)))


def test_refuses_when_two_disclosures_have_one_name(
    sign_payload: Make, verify_credential: Make, good_payload: Make
) -> None:
    disclosures = tuple(write_disclosure("given_name", value) for value in ("Zoë", "Eve"))
    payload = good_payload(_sd=[disclosure_digest(one) for one in disclosures])
    with pytest.raises(DuplicateDisclosureError):
        verify_credential(SdJwt(sign_payload(payload), disclosures))


@pytest.mark.parametrize("name", ["iss", "exp", "vct", "cnf"])
def test_refuses_when_a_disclosure_replaces_an_open_claim(
    sign_payload: Make, verify_credential: Make, good_payload: Make, name: str
) -> None:
    disclosure = write_disclosure(name, "x")
    payload = good_payload(_sd=[disclosure_digest(disclosure)])
    with pytest.raises(DuplicateDisclosureError):
        verify_credential(SdJwt(sign_payload(payload), (disclosure,)))


@pytest.mark.parametrize("name", ["nbf", "status", "sub", "jti", "aud", "_sd", "_sd_alg", "..."])
def test_refuses_when_a_registered_claim_is_disclosed_selectively(
    sign_payload: Make, verify_credential: Make, good_payload: Make, name: str
) -> None:
    disclosure = write_disclosure(name, "x")
    payload = good_payload(_sd=[disclosure_digest(disclosure)])
    with pytest.raises(ForbiddenDisclosureError):
        verify_credential(SdJwt(sign_payload(payload), (disclosure,)), required_attributes={name})


@pytest.mark.parametrize(
    "contents",
    [
        b"[]",
        b"{}",
        b'["a"]',
        b'[1,"given_name","x"]',
        b'["a",1,"x"]',
        b'["a","b","c","d"]',
        b'["a","b"]',
        b"x",
        b'["a","b",NaN]',
    ],
)
def test_refuses_when_the_issuer_signed_something_else_than_a_disclosure(
    sign_payload: Make, verify_credential: Make, good_payload: Make, contents: bytes
) -> None:
    disclosure = encode_base64url(contents)
    payload = good_payload(_sd=[disclosure_digest(disclosure)])
    with pytest.raises(MalformedCredentialError):
        verify_credential(SdJwt(sign_payload(payload), (disclosure,)))


@pytest.mark.parametrize(
    "changes",
    [
        {"_sd": "x"},
        {"_sd": [1]},
        {"_sd": {"a": 1}},
        {"_sd_alg": "sha-512"},
        {"_sd_alg": 1},
        {"status": []},
        {"status": {"_sd": []}},
    ],
)
def test_refuses_when_the_signed_part_is_not_of_the_form(
    sign_payload: Make, verify_credential: Make, good_payload: Make, changes: dict[str, object]
) -> None:
    with pytest.raises(MalformedCredentialError):
        verify_credential(SdJwt(sign_payload(good_payload(**changes)), ()))


@pytest.mark.parametrize(
    "raw", [b"[]", b"{", b'{"iss":1,"iss":2}', b'{"iat":NaN}', b"\xff", b"[" * 60000]
)
def test_refuses_when_the_signed_payload_is_not_one_json_object(
    sign_payload: Make, verify_credential: Make, raw: bytes
) -> None:
    with pytest.raises((MalformedCredentialError, OversizedCredentialError)):
        verify_credential(SdJwt(sign_payload(None, raw_payload=raw[:40000]), ()))


def test_refuses_when_disclosures_are_nested_without_end(
    sign_payload: Make, verify_credential: Make, good_payload: Make
) -> None:
    disclosures = [write_disclosure("x", 1)]
    for _ in range(60):
        disclosures.append(write_disclosure("x", {"_sd": [disclosure_digest(disclosures[-1])]}))
    payload = good_payload(_sd=[disclosure_digest(disclosures[-1])])
    with pytest.raises(MalformedCredentialError):
        verify_credential(
            SdJwt(sign_payload(payload), tuple(disclosures)), required_attributes={"x"}
        )


# --- attributes ---------------------------------------------------------------------------------


def test_refuses_when_an_attribute_is_missing(
    issue_credential: Make, verify_credential: Make
) -> None:
    with pytest.raises(MissingAttributeError) as caught:
        verify_credential(
            issue_credential(),
            required_attributes={"given_name", "birthdate", "address", "family_name"},
        )
    assert caught.value.names == ("family_name",)


def test_refuses_when_an_attribute_is_held_back(
    issue_credential: Make, verify_credential: Make
) -> None:
    with pytest.raises(MissingAttributeError):
        verify_credential(issue_credential().disclose({"given_name", "birthdate"}))


def test_refuses_when_an_attribute_was_not_asked_for(
    issue_credential: Make, verify_credential: Make
) -> None:
    with pytest.raises(UnexpectedAttributeError) as caught:
        verify_credential(issue_credential(), required_attributes={"given_name", "address"})
    assert caught.value.names == ("birthdate",)


@pytest.mark.parametrize("name", ["given_name", "nickname", "sub", "jti"])
def test_refuses_when_an_attribute_stands_open(
    sign_payload: Make, verify_credential: Make, good_payload: Make, name: str
) -> None:
    with pytest.raises(PlainAttributeError) as caught:
        verify_credential(SdJwt(sign_payload(good_payload(**{name: "x"})), ()))
    assert caught.value.names == (name,)


@pytest.mark.parametrize(
    ("claims", "attribute", "keyword"),
    [
        ({"given_name": 7}, "given_name", "type"),
        ({"given_name": ""}, "given_name", "minLength"),
        ({"birthdate": "1990-02-30"}, "birthdate", "format"),
        ({"address": {"locality": "Dublin"}}, "address", "required"),
        ({"address": {"country": "Ireland"}}, "address", "pattern"),
        ({"shoe_size": 43}, "shoe_size", "properties"),
    ],
)
def test_refuses_when_an_attribute_breaks_the_schema(
    issue_credential: Make,
    verify_credential: Make,
    claims: dict[str, Any],
    attribute: str,
    keyword: str,
) -> None:
    with pytest.raises(SchemaMismatchError) as caught:
        verify_credential(issue_credential(claims=claims), required_attributes=set(claims))
    assert (caught.value.attribute, caught.value.keyword) == (attribute, keyword)


def test_asks_no_more_of_a_subset_than_was_asked_for(
    issue_credential: Make, verify_credential: Make
) -> None:
    credential = verify_credential(
        issue_credential(claims={"birthdate": "1990-02-28"}), required_attributes={"birthdate"}
    )
    assert dict(credential.claims) == {"birthdate": "1990-02-28"}


# --- what the caller and the issuer can get wrong -------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "did:web:bank.example"},
        {"issuer": "did:ethr:0x7a69:0x" + "AB" * 20},
        {"issuer_keys": [b"short"]},
        {"vct": ""},
        {"subject_address": "0x12"},
        {"required_attributes": set()},
        {"required_attributes": "given_name"},
        {"required_attributes": {1}},
        {"now": 1.5},
        {"now": -1},
        {"now": True},
        {"clock_skew_seconds": -1},
    ],
)
def test_refuses_when_an_expectation_is_not_usable(
    issue_credential: Make, verify_credential: Make, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidExpectationError):
        verify_credential(issue_credential(), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"claims": {}},
        {"claims": {"iss": "x"}},
        {"claims": {"sub": "x"}},
        {"claims": {"_sd": []}},
        {"claims": {"a b": 1}},
        {"claims": {"": 1}},
        {"claims": {"x" * 65: 1}},
        {"claims": {"address": {"_sd": []}}},
        {"claims": {"address": [{"...": "x"}]}},
        {"claims": {"height": float("nan")}},
        {"claims": {"height": 2**53}},
        {"claims": {"given_name": "\ud800"}},
        {"claims": {"photo": b"x"}},
        {"claims": {"address": {1: 2}}},
        {"vct": ""},
        {"issuer": "bank"},
        {"issued_at": 1.5},
        {"issued_at": -1},
        {"expires_at": 2**48},
        {"expires_at": 1_899_999_990},
        {"status": {"_sd": []}},
        {"decoys": -1},
        {"decoys": 65},
    ],
)
def test_refuses_to_issue_when_it_could_not_be_verified(
    issue_credential: Make, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidClaimsError):
        issue_credential(**changes)


def test_no_refusal_shows_personal_data(
    issue_credential: Make,
    verify_credential: Make,
    sign_payload: Make,
    good_payload: Make,
    other_issuer_key: IssuerKey,
    other_subject_key: SubjectKey,
) -> None:
    secret = "Ottilie-von-Faber"
    claims = {"given_name": secret, "birthdate": secret, "address": {secret: secret}}
    issued = issue_credential(claims=claims)
    open_claim = SdJwt(sign_payload(good_payload(**{f"{secret} the name": secret})), ())
    attempts: list[tuple[Any, dict[str, Any]]] = [
        (issued, {}),
        (issued, {"issuer_keys": [other_issuer_key.public_bytes]}),
        (issued, {"subject_address": other_subject_key.address}),
        (issued, {"required_attributes": {"given_name"}}),
        (issued, {"required_attributes": {"family_name"}}),
        (issued, {"now": 0}),
        (issued, {"now": 2**40}),
        (issued, {"vct": "urn:x:y"}),
        (SdJwt(issued.issuer_jwt, issued.disclosures * 2), {}),
        (issued.serialize()[:-2], {}),
        (open_claim, {}),
    ]
    for credential, changes in attempts:
        with pytest.raises(CredentialError) as caught:
            verify_credential(credential, **changes)
        error: BaseException | None = caught.value
        while error is not None:
            assert secret not in str(error)
            assert secret not in repr(error)
            error = error.__cause__ or error.__context__
    for shown in (repr(issued), str(issued)):
        assert secret not in shown
        assert issued.disclosures[0] not in shown
    assert secret not in repr(verify_credential(issued, schema=None))
