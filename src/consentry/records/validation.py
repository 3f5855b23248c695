"""Checking documents against the JSON Schemas that lie beside this module.

A schema says which members a document has and how each is written; what members mean together
is checked by the types that are built from them.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry

from consentry.records.canonical import JsonObject, JsonValue, escape_pointer

_BIDIRECTIONAL_CONTROLS: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


@cache
def _validator(schema_file: str) -> Draft202012Validator:
    text = resources.files("consentry.records").joinpath(schema_file).read_text(encoding="utf-8")
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    # An explicit empty registry: a reference is never fetched from anywhere.
    return Draft202012Validator(schema, registry=Registry())


def _reason(error: ValidationError) -> str:
    """Say what is wrong in words that hold nothing from the document itself."""
    keyword, wanted, instance = error.validator, error.validator_value, error.instance
    if keyword == "required" and isinstance(wanted, list) and isinstance(instance, Mapping):
        return "it lacks " + min(str(name) for name in wanted if name not in instance)
    if keyword == "type":
        return f"it must be of type {wanted}"
    if keyword == "enum" and isinstance(wanted, list):
        return "it must be one of " + ", ".join(str(choice) for choice in wanted)
    return {
        "const": "it must be the one value that the schema fixes",
        "anyOf": "it is written in none of the forms that the schema allows",
        "additionalProperties": "it has a member that the schema does not know",
        "pattern": "it is not written in the form that the schema asks for",
        "minLength": "it is empty",
        "maxLength": "it is too long",
        "minItems": "it has too few elements",
        "maxItems": "it has too many elements",
        "uniqueItems": "it has the same element twice",
        "minimum": "it is too small",
        "maximum": "it is too large",
    }.get(str(keyword), f"it breaks the rule {keyword} of the schema")


def first_fault(document: JsonValue, schema_file: str) -> tuple[str, str] | None:
    """Find what in a document breaks its schema.

    Args:
        document: The document, made of dicts and lists as :func:`parse_json` gives it.
        schema_file: Name of the schema's file in this package.

    Returns:
        JSON pointer and reason of the fault nearest to the root, or None if there is none.
    """
    faults = [
        ("".join(f"/{escape_pointer(str(part))}" for part in error.absolute_path), _reason(error))
        for error in _validator(schema_file).iter_errors(document)
    ]
    return min(faults, key=lambda fault: (fault[0].count("/"), fault)) if faults else None


def text_fault(text: str) -> str | None:
    """Find what keeps a text from being shown to a person just as it is hashed.

    Args:
        text: A name, an address, a description: what a person reads.

    Returns:
        The reason, or None if the text may stand.
    """
    if text != text.strip():
        return "it begins or ends with white space"
    if not unicodedata.is_normalized("NFC", text):
        return "it is not in Unicode normalisation form C"
    for character in text:
        if character in _BIDIRECTIONAL_CONTROLS:
            return "it holds a character that changes the direction of writing"
        # Unassigned characters may stand: which ones they are depends on the reader's age.
        if unicodedata.category(character) in ("Cc", "Cs", "Co", "Zl", "Zp"):
            return "it holds a control or private-use character"
    return None


def object_at(document: JsonValue, *path: str | int) -> JsonObject:
    """Read an object out of a document that its schema has already passed.

    Args:
        document: The document.
        *path: Names and indexes that lead to the object.

    Returns:
        The object.
    """
    value = _value_at(document, path)
    assert isinstance(value, Mapping)
    return value


def array_at(document: JsonValue, *path: str | int) -> Sequence[JsonValue]:
    """Read an array out of a document that its schema has already passed.

    Args:
        document: The document.
        *path: Names and indexes that lead to the array.

    Returns:
        The array.
    """
    value = _value_at(document, path)
    assert isinstance(value, (list, tuple))
    return value


def text_at(document: JsonValue, *path: str | int) -> str:
    """Read a text out of a document that its schema has already passed.

    Args:
        document: The document.
        *path: Names and indexes that lead to the text.

    Returns:
        The text.
    """
    value = _value_at(document, path)
    assert isinstance(value, str)
    return value


def integer_at(document: JsonValue, *path: str | int) -> int:
    """Read an integer out of a document that its schema has already passed.

    Args:
        document: The document.
        *path: Names and indexes that lead to the integer.

    Returns:
        The integer.
    """
    value = _value_at(document, path)
    assert isinstance(value, int)
    return value


def _value_at(document: JsonValue, path: tuple[str | int, ...]) -> JsonValue:
    value = document
    for part in path:
        if isinstance(part, str):
            assert isinstance(value, Mapping)
            value = value[part]
        else:
            assert isinstance(value, (list, tuple))
            value = value[part]
    return value
