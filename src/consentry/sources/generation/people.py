"""Who is who in the generated systems of record: what no institution knows, and every person does.

A person knows by what they sign in to each institution. ``people.csv`` says it for all of them, so
that a test or a demonstration can act for a person without looking into an institution's system.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from consentry.sources.errors import PeopleFileInvalid

PEOPLE_FILE: Final = "people.csv"

_HEADER: Final = ("person", "bank", "licence_office", "utility", "complete")


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """One person, by what they sign in to each institution.

    Attributes:
        person: Number of the person, from 0 on.
        bank: Customer number at the bank; None if they cannot sign in there.
        licence_office: Driver number; None if they cannot sign in there.
        utility: E-mail address at the utility; None if they cannot sign in there.
        is_complete: Whether all three know the person, each once by what they sign in by, and with everything that
            its mapping can tell; a region aside, where addresses have none.
    """

    person: int
    bank: str | None
    licence_office: str | None
    utility: str | None
    is_complete: bool


def write_people(file: Path, people: Iterable[KnownPerson]) -> None:
    """Write who is who.

    Args:
        file: The file.
        people: The people.
    """
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(_HEADER)
        for one in people:
            row = (one.person, one.bank, one.licence_office, one.utility, int(one.is_complete))
            writer.writerow("" if value is None else value for value in row)


def read_people(directory: Path) -> tuple[KnownPerson, ...]:
    """Read who is who.

    Args:
        directory: Where the systems of record were generated.

    Returns:
        The people, by number.

    Raises:
        PeopleFileInvalid: The file is not there, or not as it was written.
    """
    file = directory / PEOPLE_FILE
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines))
    except OSError as error:
        raise PeopleFileInvalid(str(file), error.strerror or "it cannot be opened") from None
    except (UnicodeDecodeError, csv.Error):
        raise PeopleFileInvalid(str(file), "it is not CSV in UTF-8") from None
    if not rows or tuple(rows[0]) != _HEADER:
        raise PeopleFileInvalid(str(file), f"its first line is not {','.join(_HEADER)}")
    return tuple(_known(str(file), number, row) for number, row in enumerate(rows[1:], start=2))


def _known(file: str, line: int, row: list[str]) -> KnownPerson:
    if len(row) != len(_HEADER) or not row[0].isascii() or not row[0].isdecimal():
        raise PeopleFileInvalid(file, f"line {line} is not a person")
    if row[4] not in ("0", "1"):
        raise PeopleFileInvalid(file, f"line {line} does not say 0 or 1 under {_HEADER[4]}")
    return KnownPerson(
        person=int(row[0]),
        bank=row[1] or None,
        licence_office=row[2] or None,
        utility=row[3] or None,
        is_complete=row[4] == "1",
    )
