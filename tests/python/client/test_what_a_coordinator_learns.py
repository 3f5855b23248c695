"""A coordinator carries commitments, hashes and signatures; nothing that it is given can hold a person's data."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest

from consentry.client.consents import Consent, GivenConsent, OpenedConsent
from consentry.client.coordinator import Coordinator
from consentry.client.exchanges import Exchange
from consentry.client.requests import SignedRequest
from consentry.records import ConsentRecord

PERSONAL = ("consentry.records", "consentry.credentials", "consentry.delivery", "consentry.sources")
"""Packages whose objects hold or carry a person's data."""


def reachable(kind: object, seen: set[object]) -> Iterator[type]:
    """Return every class that a value of a type can hold, itself included."""
    if kind in seen:
        return
    seen.add(kind)
    for inner in typing.get_args(kind):
        yield from reachable(inner, seen)
    bare = getattr(kind, "__supertype__", kind)
    if bare is not kind:
        yield from reachable(bare, seen)
    elif isinstance(bare, type):
        yield bare
        if is_dataclass(bare):
            hints = typing.get_type_hints(bare)
            for field in fields(bare):
                yield from reachable(hints[field.name], seen)


def personal_in(kind: object) -> set[str]:
    """Return the names of the classes among those that hold or carry a person's data."""
    return {found.__name__ for found in reachable(kind, set()) if found.__module__.startswith(PERSONAL)}


def taken_by_coordinator() -> dict[str, object]:
    """Return the types of everything that a coordinator is asked to carry, by method and parameter."""
    names = vars(inspect.getmodule(Coordinator))
    taken = {}
    for name, method in inspect.getmembers(Coordinator, inspect.iscoroutinefunction):
        hints = typing.get_type_hints(method, globalns=names)
        taken |= {f"{name}({parameter})": kind for parameter, kind in hints.items() if parameter != "return"}
    return taken


def test_a22_takes_nothing_that_can_hold_a_persons_data() -> None:
    taken = taken_by_coordinator()

    assert {Consent, OpenedConsent, Exchange} <= set(taken.values())
    assert {name: personal_in(kind) for name, kind in taken.items() if personal_in(kind)} == {}


@pytest.mark.parametrize("kind", [ConsentRecord, SignedRequest, GivenConsent])
def test_finds_it_when_a_record_is_in_it(kind: type) -> None:
    assert personal_in(kind)
