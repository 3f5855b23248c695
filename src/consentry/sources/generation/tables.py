"""Rows on their way into a SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

Row: TypeAlias = "tuple[str | int | None, ...]"


@dataclass(frozen=True, slots=True)
class Recorded:
    """How an institution knows a person.

    Attributes:
        identifier: What the person signs in by; None if they cannot.
        is_complete: Whether the record is the only one by that identifier, open, and lacks nothing.
    """

    identifier: str | None
    is_complete: bool


@dataclass(frozen=True, slots=True)
class System:
    """A generated system of record, before it is written.

    Attributes:
        statements: What makes its tables and indexes.
        rows: Rows by table.
        recorded: How it knows each person, by index.
    """

    statements: tuple[str, ...]
    rows: Mapping[str, Sequence[Row]]
    recorded: Mapping[int, Recorded]


def write_tables(file: Path, system: System) -> None:
    """Write a system of record into a new SQLite file.

    Args:
        file: The file; must not be there.
        system: What to write.
    """
    with closing(sqlite3.connect(file)) as connection, connection:
        # The file is thrown away whole if this is broken off, so nothing need be undone.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        for statement in system.statements:
            connection.execute(statement)
        for table, rows in system.rows.items():
            if rows:
                places = ", ".join("?" * len(rows[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - our own names
