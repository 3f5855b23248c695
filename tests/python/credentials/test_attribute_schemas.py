"""Schemas of attributes: what is no usable schema."""

from __future__ import annotations

from typing import Any

import pytest

from consentry.credentials import InvalidSchemaError, SchemaMismatchError, check_attributes, schemas

PROPERTIES: dict[str, Any] = {"given_name": {"type": "string"}}


def test_accepts_attributes_that_fit() -> None:
    check_attributes({"given_name": "Zoë"}, {"type": "object", "properties": PROPERTIES})


@pytest.mark.parametrize(
    "schema",
    [
        {},
        [],
        {"type": "object"},
        {"type": "object", "properties": {}},
        {"type": "array", "properties": PROPERTIES},
        {"type": "object", "properties": {"given_name": {"type": "text"}}},
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object",
            "properties": PROPERTIES,
        },
        {"type": "object", "properties": {"given_name": {"$ref": "https://schemas.example/name"}}},
        {"type": "object", "properties": {"given_name": {"$ref": "#/$defs/nothing"}}},
        {"type": "object", "properties": {"given_name": {"$ref": "#/properties/given_name"}}},
        {"type": "object", "properties": {"given_name": {"format": "a-format-of-our-own"}}},
        {"type": "object", "properties": {"given_name": {"pattern": "("}}},
    ],
)
def test_refuses_when_the_schema_is_not_usable(schema: Any) -> None:
    with pytest.raises(InvalidSchemaError):
        check_attributes({"given_name": "Zoë"}, schema)


def test_names_the_set_when_a_rule_is_about_all_attributes() -> None:
    schema = {"type": "object", "properties": PROPERTIES, "minProperties": 2}
    with pytest.raises(SchemaMismatchError) as caught:
        check_attributes({"given_name": "Zoë"}, schema)
    assert (caught.value.attribute, caught.value.keyword) == ("", "minProperties")


def test_makes_a_schema_ready_once_and_another_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    check_schema = schemas.Draft202012Validator.check_schema
    counted = staticmethod(lambda rules: made.append(rules) or check_schema(rules))
    monkeypatch.setattr(schemas.Draft202012Validator, "check_schema", counted)
    name = {"type": "string", "maxLength": 3}
    schema = {"type": "object", "properties": {"given_name": name}, "title": "made ready once"}

    check_attributes({"given_name": "Zoë"}, schema)
    with pytest.raises(SchemaMismatchError):
        check_attributes({"given_name": "Zoëlle"}, {**schema})
    assert len(made) == 1

    name["maxLength"] = 6
    check_attributes({"given_name": "Zoëlle"}, schema)
    assert len(made) == 2
