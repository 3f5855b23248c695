"""The names of test functions, read from the source and without importing it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def names_in(file: Path) -> list[str]:
    """Return the names of the test functions of a file, in their order; those of test classes are among them."""
    return list(_names(ast.parse(file.read_text(encoding="utf-8"), filename=str(file)).body))


def names_below(folder: Path) -> dict[str, list[Path]]:
    """Return every test function's name below a folder, and the files that have it."""
    found: dict[str, list[Path]] = {}
    for file in sorted(folder.rglob("test_*.py")):
        for name in names_in(file):
            found.setdefault(name, []).append(file)
    return found


def _names(statements: list[ast.stmt]) -> Iterator[str]:
    for statement in statements:
        if isinstance(statement, ast.ClassDef) and statement.name.startswith("Test"):
            yield from _names(statement.body)
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name.startswith("test_"):
            yield statement.name
