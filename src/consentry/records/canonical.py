"""Strict reading of JSON and its one canonical form.

Everything that Consentry hashes or compares as JSON passes through here: :func:`parse_json` lets in
only what every reader understands in the same way (I-JSON, RFC 7493: unique names, no NaN, no
numbers that lose digits, no lone surrogates), and :func:`canonical_bytes` gives its RFC 8785 form.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn, TypeAlias

import rfc8785
from eth_utils.crypto import keccak

from consentry.records.errors import MalformedJsonError, OversizedJsonError

JsonValue: TypeAlias = "bool | int | float | str | Sequence[JsonValue] | JsonObject | None"
"""A JSON value. Arrays are lists or tuples, objects are mappings with text keys."""

JsonObject: TypeAlias = Mapping[str, JsonValue]
"""A JSON object."""

MAX_JSON_BYTES: Final = 64 * 1024
"""Greatest length of a JSON text, in bytes."""

MAX_JSON_DEPTH: Final = 32
"""Greatest number of arrays and objects inside one another."""

MAX_SAFE_INTEGER: Final = 2**53 - 1
"""Greatest integer that every JSON reader keeps exactly (RFC 7493 section 2.2)."""


_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class _RefusedJsonError(ValueError):
    """Carry the reason for a refusal out of a hook of the JSON decoder."""


def _refuse(reason: str) -> NoReturn:
    raise _RefusedJsonError(reason)


def _unique_object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        _refuse("an object has two members of the same name")
    return members


def _safe_integer(digits: str) -> int:
    if len(digits) > 17 or abs(number := int(digits)) > MAX_SAFE_INTEGER:
        _refuse("an integer is beyond 2^53 - 1; write it as text")
    return number


def _finite_number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        _refuse("a number is too large")
    return number


def _no_fraction(_digits: str) -> float:
    _refuse("a number has a fraction or an exponent; only integers are allowed here")


def _no_constant(_name: str) -> float:
    _refuse("NaN and Infinity are not JSON")


def check_json(value: JsonValue) -> None:
    """Check that a value can be written as JSON that every reader understands in the same way.

    Args:
        value: The value to check.

    Raises:
        MalformedJsonError: It is nested too deep, or holds something that JSON has no form for:
            a lone surrogate, NaN, an integer beyond 2^53 - 1, a name that is not text.
    """
    pending: list[tuple[object, int]] = [(value, 1)]
    while pending:
        item, depth = pending.pop()
        if depth > MAX_JSON_DEPTH:
            raise MalformedJsonError(f"it is nested deeper than {MAX_JSON_DEPTH} levels")
        if isinstance(item, str):
            if not item.isascii() and _LONE_SURROGATE.search(item):
                raise MalformedJsonError("a text holds half of a surrogate pair")
        elif item is None or isinstance(item, bool):
            continue
        elif isinstance(item, int):
            if abs(item) > MAX_SAFE_INTEGER:
                raise MalformedJsonError("an integer is beyond 2^53 - 1; write it as text")
        elif isinstance(item, float):
            if not math.isfinite(item):
                raise MalformedJsonError("NaN and Infinity are not JSON")
        elif isinstance(item, Mapping):
            for name, member in item.items():
                if not isinstance(name, str):
                    raise MalformedJsonError("the name of a member is not text")
                pending.append((name, depth))
                pending.append((member, depth + 1))
        elif isinstance(item, (list, tuple)):
            pending.extend((element, depth + 1) for element in item)
        else:
            raise MalformedJsonError(f"a {type(item).__name__} has no JSON form")


def parse_json(
    text: bytes | str, *, limit_bytes: int = MAX_JSON_BYTES, allow_fractions: bool = False
) -> JsonValue:
    """Read JSON strictly.

    Args:
        text: UTF-8 bytes, or text. A byte order mark is refused.
        limit_bytes: Greatest length accepted, in bytes.
        allow_fractions: Let in numbers with a fraction or an exponent. Records and receipts hold
            none; claims may.

    Returns:
        The value, made of dicts, lists, str, int, float, bool and None.

    Raises:
        OversizedJsonError: The text is longer than the limit.
        MalformedJsonError: It is not JSON, or JSON that two readers could read differently.
    """
    reason = "it is not UTF-8"
    try:
        octets = text.encode("utf-8") if isinstance(text, str) else bytes(text)
        if len(octets) > limit_bytes:
            raise OversizedJsonError(len(octets), limit_bytes)
        value: JsonValue = json.loads(
            octets.decode("utf-8"),
            object_pairs_hook=_unique_object,
            parse_int=_safe_integer,
            parse_float=_finite_number if allow_fractions else _no_fraction,
            parse_constant=_no_constant,
        )
    except UnicodeError:
        pass
    except json.JSONDecodeError as error:
        reason = f"line {error.lineno} column {error.colno} is not JSON"
    except _RefusedJsonError as error:
        reason = str(error)
    except RecursionError:
        reason = f"it is nested deeper than {MAX_JSON_DEPTH} levels"
    else:
        check_json(value)
        return value
    # Raised outside the handlers: a decoder's own exception keeps the whole text.
    raise MalformedJsonError(reason)


def _plain(value: JsonValue) -> object:
    """Copy a JSON value into the lists and dicts that encoders and validators expect."""
    if isinstance(value, Mapping):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(element) for element in value]
    return value


def plain_object(value: JsonObject) -> dict[str, JsonValue]:
    """Copy a JSON object, at every depth, into dicts and lists that may be changed.

    Args:
        value: A JSON object, made of mappings and sequences of any kind.

    Returns:
        The copy.

    Raises:
        MalformedJsonError: It cannot be written as JSON; see :func:`check_json`.
    """
    check_json(value)
    copy: dict[str, JsonValue] = {}
    for name, member in value.items():
        copied = _plain(member)
        assert copied is None or isinstance(copied, (bool, int, float, str, list, dict))
        copy[name] = copied
    return copy


def canonical_bytes(value: JsonValue) -> bytes:
    """Write a value in its canonical form (RFC 8785).

    Args:
        value: The value.

    Returns:
        UTF-8 bytes; equal values have equal bytes.

    Raises:
        MalformedJsonError: The value cannot be written as JSON; see :func:`check_json`.
    """
    check_json(value)
    return rfc8785.dumps(_plain(value))  # type: ignore[arg-type]  # checked just above


def canonical_hash(value: JsonValue) -> bytes:
    """Hash the canonical form of a value with keccak-256.

    Args:
        value: The value.

    Returns:
        32 bytes.

    Raises:
        MalformedJsonError: The value cannot be written as JSON; see :func:`check_json`.
    """
    return keccak(canonical_bytes(value))


def first_difference(left: JsonValue, right: JsonValue, pointer: str = "") -> str | None:
    """Find where two JSON values differ.

    Args:
        left: One value.
        right: The other.
        pointer: Where the two values stand in their documents.

    Returns:
        JSON pointer (RFC 6901) to the first difference in the order of names, or None if the
        values are equal. ``1`` and ``true`` differ; ``1`` and ``1.0`` do not.
    """
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for name in sorted(left.keys() | right.keys()):
            below = f"{pointer}/{escape_pointer(name)}"
            if name not in left or name not in right:
                return below
            if (found := first_difference(left[name], right[name], below)) is not None:
                return found
        return None
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        for index, (one, other) in enumerate(zip(left, right, strict=False)):
            if (found := first_difference(one, other, f"{pointer}/{index}")) is not None:
                return found
        return None if len(left) == len(right) else f"{pointer}/{min(len(left), len(right))}"
    if isinstance(left, bool) or isinstance(right, bool):
        return None if left is right else pointer
    return None if left == right else pointer


def escape_pointer(name: str) -> str:
    """Escape a member's name for use in a JSON pointer (RFC 6901 section 3).

    Args:
        name: The name.

    Returns:
        The name with ``~`` and ``/`` escaped.
    """
    return name.replace("~", "~0").replace("/", "~1")
