"""What holds for the sources of every contract that is deployed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SOURCES = sorted(
    file
    for folder in ("governance", "identity", "consent", "exchange", "libraries", "types")
    for file in (ROOT / "contracts" / folder).glob("*.sol")
)
UNNAMED = re.compile(r"\b(?:require|assert|revert(?!\(\w+, returndatasize\(\)\)))\s*\(")
"""A refusal without a named error, and that is not another contract's error handed on."""


def unnamed_refusals(text: str) -> list[str]:
    """Return the lines of a source that refuse without a name, comments apart."""
    code = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)
    return [line.strip() for line in code.splitlines() if UNNAMED.search(line)]


def test_a19_refuses_by_a_named_error_alone() -> None:
    assert len(SOURCES) > 15

    assert {file.name: unnamed_refusals(file.read_text(encoding="utf-8")) for file in SOURCES} == {
        file.name: [] for file in SOURCES
    }


@pytest.mark.parametrize(
    "line",
    ["require(amount > 0);", 'require(amount > 0, "zero");', 'revert("no");', "assert(x == y);", "revert(words, 0)"],
)
def test_finds_a_refusal_when_it_has_no_name(line: str) -> None:
    assert unnamed_refusals(f"// require(this)\ncontract C {{\n    {line}\n}}\n") == [line]


def test_takes_a_refusal_when_it_is_handed_on() -> None:
    assert unnamed_refusals("returndatacopy(words, 0, returndatasize())\nrevert(words, returndatasize())\n") == []


def test_takes_a_refusal_when_it_has_a_name() -> None:
    assert unnamed_refusals("if (amount == 0) revert FeeEscrowAmountInvalid(amount);\n// revert()\n") == []
