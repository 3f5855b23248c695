"""The examples that RFC 9901 prints, run through the format as it is used here.

They are signed with ES256, which no Consentry credential is, so the signatures are checked with the
JOSE library directly: that shows that the vectors are the RFC's own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from consentry.credentials import MissingAttributeError, SdJwt, presentation_hash
from consentry.credentials.sdjwt import (
    disclosure_digest,
    process_payload,
    read_disclosure,
    read_jwt_part,
)

VECTORS: dict[str, Any] = json.loads(
    Path(__file__).with_name("rfc9901_vectors.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", ["issuance", "presentation", "structured"])
def test_vector_is_signed_with_the_key_of_appendix_a5(name: str) -> None:
    parts = SdJwt.parse(VECTORS[name])
    key = ECKey.import_key(VECTORS["issuer_key"])
    signed = jws.deserialize_compact(parts.issuer_jwt, key, algorithms=["ES256"])
    assert json.loads(signed.payload) == read_jwt_part(parts.issuer_jwt, 1)


@pytest.mark.parametrize("disclosure", VECTORS["digests"])
def test_digest_is_the_printed_one(disclosure: str) -> None:
    assert disclosure_digest(disclosure) == VECTORS["digests"][disclosure]


def test_equivalent_disclosures_say_the_same_and_have_different_digests() -> None:
    disclosures = VECTORS["equivalent_disclosures"]
    assert {read_disclosure(one)[1:] for one in disclosures} == {("family_name", "Möbius")}
    assert len({disclosure_digest(one) for one in disclosures}) == len(disclosures)


def test_section_5_1_gives_every_claim_back() -> None:
    parts = SdJwt.parse(VECTORS["issuance"])
    claims = process_payload(read_jwt_part(parts.issuer_jwt, 1), parts.disclosures)
    assert claims == {
        "iss": "https://issuer.example.com",
        "iat": 1683000000,
        "exp": 1883000000,
        "sub": "user_42",
        "nationalities": ["US", "DE"],
        "cnf": {
            "jwk": {
                "kty": "EC",
                "crv": "P-256",
                "x": "TCAER19Zvu3OHF4j4W4vfSVoHIP1ILilDls7vCeGemc",
                "y": "ZxjiWWbZMQGHVWKVQ4hbSIirsVfuecCE6t4jT9F2HZQ",
            }
        },
        "given_name": "John",
        "family_name": "Doe",
        "email": "johndoe@example.com",
        "phone_number": "+1-202-555-0101",
        "phone_number_verified": True,
        "address": {
            "street_address": "123 Main St",
            "locality": "Anytown",
            "region": "Anystate",
            "country": "US",
        },
        "birthdate": "1940-01-01",
        "updated_at": 1570000000,
    }


def test_section_5_1_without_disclosures_keeps_what_stands_open() -> None:
    parts = SdJwt.parse(VECTORS["issuance"])
    claims = process_payload(read_jwt_part(parts.issuer_jwt, 1), ())
    assert set(claims) == {"iss", "iat", "exp", "sub", "nationalities", "cnf"}
    assert claims["nationalities"] == []


def test_section_5_2_presents_some_claims_and_binds_them() -> None:
    parts = SdJwt.parse(VECTORS["presentation"])
    claims = process_payload(read_jwt_part(parts.issuer_jwt, 1), parts.disclosures)
    assert claims["nationalities"] == ["US"]
    assert {"given_name", "family_name", "address"} <= set(claims)
    assert not {"email", "phone_number", "birthdate", "updated_at"} & set(claims)

    assert parts.key_binding_jwt is not None
    binding = read_jwt_part(parts.key_binding_jwt, 1)
    assert binding["sd_hash"] == presentation_hash(parts)
    holder = ECKey.import_key(dict(claims["cnf"]["jwk"]))
    jws.deserialize_compact(parts.key_binding_jwt, holder, algorithms=["ES256"])


def test_appendix_a1_discloses_inside_an_object() -> None:
    parts = SdJwt.parse(VECTORS["structured"])
    claims = process_payload(read_jwt_part(parts.issuer_jwt, 1), parts.disclosures)
    assert claims["address"] == {"region": "港区", "country": "JP"}
    assert "given_name" not in claims


@pytest.mark.parametrize("name", ["issuance", "presentation", "structured"])
def test_serialization_is_kept_letter_for_letter(name: str) -> None:
    assert SdJwt.parse(VECTORS[name]).serialize() == VECTORS[name]


def test_holder_keeps_only_what_is_disclosed() -> None:
    parts = SdJwt.parse(VECTORS["issuance"]).disclose({"email", "birthdate"})
    claims = process_payload(read_jwt_part(parts.issuer_jwt, 1), parts.disclosures)
    assert claims["email"] == "johndoe@example.com"
    assert "given_name" not in claims
    with pytest.raises(MissingAttributeError):
        SdJwt.parse(VECTORS["issuance"]).disclose({"shoe_size"})
