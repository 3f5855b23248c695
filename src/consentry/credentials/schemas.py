"""Checking attributes against the JSON Schema that a credential's type names.

A schema describes the set of attributes as one object (JSON Schema 2020-12). What must be there is
what was asked for, so ``required`` at its top is not applied; an attribute that the schema's
``properties`` do not list is refused. Formats are checked, not only noted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable

from consentry.credentials.errors import InvalidSchemaError, SchemaMismatchError
from consentry.records.canonical import JsonObject, JsonValue, plain_object
from consentry.records.errors import MalformedJsonError

_KEPT_SCHEMAS: Final = 64
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def check_attributes(attributes: JsonObject, schema: JsonObject) -> None:
    """Check attributes against a schema.

    Args:
        attributes: The attributes, made of dicts and lists.
        schema: A JSON Schema (2020-12) of an object whose ``properties`` are the attributes. It
            may refer to parts of itself, and to nothing else.

    Raises:
        SchemaMismatchError: An attribute breaks the schema; names it, not its value.
        InvalidSchemaError: The schema is not usable.
    """
    validator, known = _prepare(schema)
    for name in sorted(attributes):
        if name not in known:
            raise SchemaMismatchError(name, "properties")
    reason: str
    try:
        faults = sorted(
            (str(error.absolute_path[0]) if error.absolute_path else "", str(error.validator))
            for error in validator.iter_errors(attributes)
        )
    except Unresolvable:
        reason = "it refers to something outside of itself"
    except RecursionError:
        reason = "it refers to itself without end"
    except re.error:
        reason = "one of its patterns is not a regular expression"
    else:
        if faults:
            raise SchemaMismatchError(*faults[0])
        return
    # Raised outside the handlers: a validator's own exception may keep the attributes.
    raise InvalidSchemaError(reason)


def _prepare(schema: JsonObject) -> tuple[Draft202012Validator, frozenset[str]]:
    try:
        text = json.dumps(plain_object(schema))
    except (MalformedJsonError, AttributeError):
        raise InvalidSchemaError("it is not a JSON object") from None
    return _compile(text)


@lru_cache(maxsize=_KEPT_SCHEMAS)
def _compile(text: str) -> tuple[Draft202012Validator, frozenset[str]]:
    """Make ready what a schema says; that takes ten times as long as to check attributes."""
    rules = json.loads(text)
    if rules.get("$schema", _DIALECT) != _DIALECT:
        raise InvalidSchemaError("it is not written in JSON Schema 2020-12")
    try:
        Draft202012Validator.check_schema(rules)
    except SchemaError:
        raise InvalidSchemaError("it is not valid JSON Schema 2020-12") from None
    known = rules.get("properties")
    if rules.get("type") != "object" or not isinstance(known, dict) or not known:
        raise InvalidSchemaError("it does not list the properties of an object")
    checker = Draft202012Validator.FORMAT_CHECKER
    for name in _formats(rules):
        if name not in checker.checkers:
            raise InvalidSchemaError("it uses a format that cannot be checked here")
    rules.pop("required", None)
    # An explicit empty registry: a reference is never fetched from anywhere.
    validator = Draft202012Validator(rules, registry=Registry(), format_checker=checker)
    return validator, frozenset(known)


def _formats(rules: JsonValue) -> Iterator[str]:
    if isinstance(rules, dict):
        for name, member in rules.items():
            if name == "format" and isinstance(member, str):
                yield member
            else:
                yield from _formats(member)
    elif isinstance(rules, list):
        for element in rules:
            yield from _formats(element)
