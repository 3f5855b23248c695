"""Read `docs/roles.md`: which function of which contract may be called by whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "roles.md"
ANYONE: Final = "anyone"
NOBODY: Final = "nobody"
SIGNED: Final = re.compile(r"anyone with the [a-z ]+'s signature")

_HEADING: Final = re.compile(r"^## (?P<contract>[A-Z]\w*)$")
_ROW: Final = re.compile(r"^\| `(?P<function>\w+)` \| (?P<who>[^|]+) \| (?P<why>[^|]+) \|$")


@dataclass(frozen=True)
class Roles:
    """Who may call what.

    Attributes:
        who: By contract and function, the phrases that say who.
        explained: The phrases that the page explains.
    """

    who: dict[tuple[str, str], tuple[str, ...]]
    explained: frozenset[str]


def read_roles(text: str | None = None) -> Roles:
    """Read the page.

    Args:
        text: What stands in it, or None to read it.
    """
    lines = (PAGE.read_text(encoding="utf-8") if text is None else text).splitlines()
    who: dict[tuple[str, str], tuple[str, ...]] = {}
    for contract, function, phrases in _rows(lines):
        assert (contract, function) not in who, f"{contract}.{function} has two rows"
        who[contract, function] = phrases
    headings = [number for number, line in enumerate(lines) if _HEADING.match(line)]
    table = [line.split(" | ")[0].removeprefix("| ") for line in lines[: headings[0]] if line.startswith("| ")]
    return Roles(who, frozenset(table[1:]))


def _rows(lines: list[str]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    contract = None
    for line in lines:
        heading = _HEADING.match(line)
        if heading is not None:
            contract = heading["contract"]
        elif contract is not None and line.startswith("|") and not line.startswith(("| Function |", "|---")):
            row = _ROW.match(line)
            assert row is not None, f"this is no row of the page: {line}"
            yield contract, row["function"], tuple(row["who"].split(", "))
