"""The packaged schemas: strict, standard, and hashed in one way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import FrozenInstanceError
from importlib import resources

import pytest
import rfc8785
from eth_utils.crypto import keccak
from jsonschema import Draft202012Validator

from consentry.credentials import SchemaMismatchError, check_attributes
from consentry.records.canonical import JsonValue
from consentry.schemas import (
    BANK_ACCOUNT,
    DRIVING_LICENCE,
    PERSON_IDENTITY,
    RESIDENCE_ADDRESS,
    AttributeUnknown,
    Schema,
    SchemaUnknown,
    all_schemas,
    load_schema,
)

ADDRESS = {
    "street_address": "12 bis, rue de l'Église",
    "locality": "Besançon",
    "postal_code": "25000",
    "country": "FR",
}
WHOLE: Mapping[str, Mapping[str, JsonValue]] = {
    PERSON_IDENTITY: {
        "family_name": "欧阳",
        "given_name": "Éloïse Marie",
        "birthdate": "1985-02-28",
        "nationalities": ["FR", "CA"],
        "address": ADDRESS,
        "email": "eloise@example.org",
        "phone_number": "+33612345678",
    },
    DRIVING_LICENCE: {
        "family_name": "DUPONT",
        "given_name": "Éloïse",
        "birth_date": "1985-02-28",
        "issue_date": "2020-01-01",
        "expiry_date": "2035-01-01",
        "issuing_country": "FR",
        "issuing_authority": "Préfecture du Doubs",
        "document_number": "25AB12345",
        "driving_privileges": [
            {"vehicle_category_code": "AM"},
            {
                "vehicle_category_code": "B",
                "issue_date": "2003-05-05",
                "expiry_date": "2035-01-01",
                "codes": [{"code": "01.06"}, {"code": "S05", "sign": "<=", "value": "3500"}],
            },
        ],
        "resident_address": "12 bis, rue de l'Église",
        "resident_city": "Besançon",
        "resident_state": "Doubs",
        "resident_postal_code": "25000",
        "resident_country": "FR",
    },
    RESIDENCE_ADDRESS: {
        "family_name": "Dupont",
        "given_name": "Éloïse",
        "address": ADDRESS,
        "resident_since": "2019-09-01",
    },
    BANK_ACCOUNT: {
        "family_name": "Dupont",
        "given_name": "Éloïse",
        "birthdate": "1985-02-28",
        "address": ADDRESS,
        "email": "eloise@example.org",
        "phone_number": "+33612345678",
        "iban": "FR7630006000011234567890189",
        "bic": "AGRIFRPPXXX",
        "currency": "EUR",
    },
}


def every_object(rules: object) -> Iterator[Mapping[str, object]]:
    if isinstance(rules, Mapping):
        if rules.get("type") == "object":
            yield rules
        for member in rules.values():
            yield from every_object(member)
    elif isinstance(rules, (list, tuple)):
        for element in rules:
            yield from every_object(element)


@pytest.fixture(params=[schema.urn for schema in all_schemas()])
def schema(request: pytest.FixtureRequest) -> Schema:
    return load_schema(request.param)


def test_there_are_the_four_that_the_cases_need() -> None:
    assert {schema.urn for schema in all_schemas()} == set(WHOLE)


def test_ids_and_hashes_are_those_of_the_file(schema: Schema) -> None:
    name = schema.urn.split(":")[3].replace("-", "_") + ".json"
    document = json.loads(resources.files("consentry.schemas").joinpath(name).read_bytes())
    assert document["$id"] == schema.urn
    assert schema.schema_id == keccak(schema.urn.encode())
    assert schema.content_hash == keccak(rfc8785.dumps(document))
    assert schema.attributes == tuple(document["properties"])


def test_schema_is_valid_and_strict(schema: Schema) -> None:
    name = schema.urn.split(":")[3].replace("-", "_") + ".json"
    document = json.loads(resources.files("consentry.schemas").joinpath(name).read_bytes())
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(document)
    objects = list(every_object(document))
    assert objects
    assert all(rules.get("additionalProperties") is False for rules in objects)
    assert "required" not in document


def test_every_attribute_is_described_in_three_languages_with_its_standard(schema: Schema) -> None:
    for name in schema.attributes:
        attribute = schema.attribute(name)
        assert set(attribute.titles) == {"en", "fr", "zh-Hans"}
        assert all(attribute.titles.values())
        assert attribute.description
        known = ("EU PID", "OpenID", "ISO", "Berlin Group", "Consentry (no standard")
        assert attribute.standard.startswith(known)
        assert len(name.encode()) <= 64


def test_whole_set_and_each_attribute_alone_pass(schema: Schema) -> None:
    attributes = WHOLE[schema.urn]
    assert set(attributes) == set(schema.attributes)
    check_attributes(attributes, schema.json_schema)
    for name, value in attributes.items():
        check_attributes({name: value}, schema.json_schema)


@pytest.mark.parametrize(
    ("urn", "name", "value", "keyword"),
    [
        (PERSON_IDENTITY, "birthdate", "1985-02-30", "format"),
        (PERSON_IDENTITY, "birthdate", "28/02/1985", "format"),
        (PERSON_IDENTITY, "birthdate", "1985-02-28\n", "format"),
        (PERSON_IDENTITY, "birthdate", "1985", "format"),
        (PERSON_IDENTITY, "birthdate", 19850228, "type"),
        (PERSON_IDENTITY, "family_name", "", "minLength"),
        (PERSON_IDENTITY, "family_name", "Du\npont", "pattern"),
        (PERSON_IDENTITY, "family_name", "x" * 201, "maxLength"),
        (PERSON_IDENTITY, "family_name", None, "type"),
        (PERSON_IDENTITY, "nationalities", "FR", "type"),
        (PERSON_IDENTITY, "nationalities", [], "minItems"),
        (PERSON_IDENTITY, "nationalities", ["FRA"], "pattern"),
        (PERSON_IDENTITY, "nationalities", ["FR", "FR"], "uniqueItems"),
        (PERSON_IDENTITY, "address", {**ADDRESS, "zip": "25000"}, "additionalProperties"),
        (PERSON_IDENTITY, "address", {"country": "FR"}, "required"),
        (PERSON_IDENTITY, "address", {**ADDRESS, "country": "France"}, "pattern"),
        (PERSON_IDENTITY, "email", "eloise", "format"),
        (PERSON_IDENTITY, "email", "e loise@example.org", "pattern"),
        (PERSON_IDENTITY, "phone_number", "0612345678", "pattern"),
        (PERSON_IDENTITY, "phone_number", "+33 6 12 34 56 78", "pattern"),
        (DRIVING_LICENCE, "driving_privileges", [], "minItems"),
        (DRIVING_LICENCE, "driving_privileges", [{"issue_date": "2003-05-05"}], "required"),
        (DRIVING_LICENCE, "issuing_country", "fr", "pattern"),
        (BANK_ACCOUNT, "iban", "FR76 3000 6000 0112 3456 7890 189", "pattern"),
        (BANK_ACCOUNT, "bic", "AGRI", "pattern"),
        (BANK_ACCOUNT, "currency", "978", "pattern"),
        (RESIDENCE_ADDRESS, "resident_since", "01.09.2019", "format"),
        (RESIDENCE_ADDRESS, "birthdate", "1985-02-28", "properties"),
    ],
)
def test_wrong_value_is_refused(urn: str, name: str, value: JsonValue, keyword: str) -> None:
    with pytest.raises(SchemaMismatchError) as refused:
        check_attributes({name: value}, load_schema(urn).json_schema)
    assert (refused.value.attribute, refused.value.keyword) == (name, keyword)


def test_unknown_urn_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SchemaUnknown, match="urn:consentry:schema:person-identity:1") as refused:
        load_schema("urn:consentry:schema:person-identity:2")
    assert refused.value.urn == "urn:consentry:schema:person-identity:2"


def test_unknown_attribute_is_refused(schema: Schema) -> None:
    for ask in (schema.attribute, schema.members, schema.is_list):
        with pytest.raises(AttributeUnknown, match="has no attribute shoe_size"):
            ask("shoe_size")


def test_name_that_may_hide_a_value_is_not_shown() -> None:
    with pytest.raises(AttributeUnknown) as refused:
        load_schema(PERSON_IDENTITY).attribute("Éloïse Dupont, 1985")
    assert "loïse" not in str(refused.value)


def test_members_and_lists() -> None:
    schema = load_schema(DRIVING_LICENCE)
    assert schema.members("driving_privileges") == (
        "vehicle_category_code",
        "issue_date",
        "expiry_date",
        "codes",
    )
    assert schema.is_list("driving_privileges")
    assert not schema.is_list("birth_date")
    assert load_schema(PERSON_IDENTITY).members("nationalities") == ()
    assert "region" in load_schema(PERSON_IDENTITY).members("address")


def test_schema_cannot_be_changed(schema: Schema) -> None:
    with pytest.raises(FrozenInstanceError):
        schema.title = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        schema.json_schema["properties"] = {}  # type: ignore[index]
    with pytest.raises(TypeError):
        schema.json_schema["properties"]["x"] = {}  # type: ignore[index]
    assert load_schema(schema.urn) is schema
    assert hash(schema) == hash(load_schema(schema.urn))
