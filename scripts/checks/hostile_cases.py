"""Hold the numbered cases of docs/security.md against the tests that carry their numbers.

    python -m scripts.checks.hostile_cases

A hostile case has a number, `H55`, and so has a defect that others shipped, `A15`; a test that tries one carries its
number in its name: `test_h055_…`, `test_a15_…`, or several. The page has a table of each kind. A row says what is tried
and where: tests by name, or why there is none yet (`waits for …: …`), or why there can be none (`does not arise: …`).
Above its table stand the numbers that are in use, so that no row gets lost.

The check fails when a number in use has no row or a row's number is not in use, when a row names no test and gives no
reason, when it names a test that is not there or does not carry the number, and when a test carries a number that has
no row or whose row names no test. Tests that the page names elsewhere must be there too.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.checks.closing import close
from scripts.checks.named_tests import names_below

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = Path("docs") / "security.md"
TESTS: Final = Path("tests")
KINDS: Final = {"H": 3, "A": 2}
"""How many digits a number has in the name of a test, by kind."""

_IN_USE: Final = re.compile(r"^Numbers in use: (?P<ranges>.+)\.$", re.MULTILINE)
_RANGE: Final = re.compile(r"^(?P<kind>[HA])(?P<first>\d+)(?:-(?P=kind)(?P<last>\d+))?$")
_ROW: Final = re.compile(r"^\| (?P<case>[HA]\d+) \| (?P<what>[^|]+) \| (?P<where>[^|]+) \|$", re.MULTILINE)
_NAMED: Final = re.compile(r"`(test_\w+)`")
_REASON: Final = re.compile(r"(?:^|; )(?:waits for [^:]+|does not arise): \S")
_NUMBERS: Final = re.compile(r"^test_(?P<numbers>(?:[ha]\d+_)+)")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the page.

    Attributes:
        case: Kind and number, such as `H55`.
        tests: The tests that it names.
        has_reason: Whether it says why there is no test, or not yet one of everything.
    """

    case: str
    tests: tuple[str, ...]
    has_reason: bool


def main(words: Sequence[str] | None = None) -> int:
    """Check the page and print every fault.

    Args:
        words: Command line, or None for the process's own.

    Returns:
        Exit code: 0 if there is none, else 1.
    """
    parser = argparse.ArgumentParser(description="Check that every numbered case has its test or a reason.")
    parser.add_argument("--root", type=Path, default=ROOT, help="the project's folder")
    root: Path = parser.parse_args(words).root
    faults = find_faults(root)
    rows = [] if faults else read_rows((root / PAGE).read_text(encoding="utf-8"))
    tested = sum(bool(row.tests) for row in rows)
    return close("hostile-cases", faults, f"{tested} of {len(rows)} numbered cases are tested, the others say why not")


def find_faults(root: Path) -> list[str]:
    """Return every fault, a line each."""
    page = root / PAGE
    if not page.is_file():
        return [f"there is no {PAGE}"]
    text = page.read_text(encoding="utf-8")
    rows = read_rows(text)
    try:
        in_use = list(numbers_in_use(text))
    except ValueError as error:
        return [str(error)]
    carriers: dict[str, set[str]] = {}
    faults: list[str] = []
    names = names_below(root / TESTS)
    for name in names:
        for case, is_padded in cases_in(name):
            carriers.setdefault(case, set()).add(name)
            if not is_padded:
                faults.append(f"{name}: {case} has {KINDS[case[0]]} digits in the name of a test")
    cases = [row.case for row in rows]
    faults += [f"{case} has two rows" for case in sorted({case for case in cases if cases.count(case) > 1})]
    faults += [f"{case} is in use and has no row" for case in in_use if case not in cases]
    faults += [f"{case} has a row and is not in use" for case in cases if case not in in_use]
    faults += [
        f"{case} is carried by {sorted(carriers[case])[0]} and has no row" for case in carriers if case not in cases
    ]
    for row in rows:
        faults += _row_faults(row, carriers.get(row.case, set()), names)
    in_rows = {test for row in rows for test in row.tests}
    faults += [
        f"{PAGE} names {test}, which is not there" for test in sorted({*_NAMED.findall(text)} - in_rows - {*names})
    ]
    return faults or ([] if rows else [f"{PAGE} has no row"])


def read_rows(text: str) -> list[Row]:
    """Return the rows of the page's tables."""
    return [
        Row(row["case"], tuple(_NAMED.findall(row["where"])), _REASON.search(row["where"]) is not None)
        for row in _ROW.finditer(text)
    ]


def numbers_in_use(text: str) -> Iterator[str]:
    """Return the numbers that the page says are in use.

    Raises:
        ValueError: A list of them is not written as `H1-H3, H5`.
    """
    for line in _IN_USE.finditer(text):
        for part in line["ranges"].split(", "):
            bounds = _RANGE.match(part)
            if bounds is None:
                raise ValueError(f"{PAGE} lists `{part}` among the numbers in use; write `H1-H3` or `H5`")
            first, last = int(bounds["first"]), int(bounds["last"] or bounds["first"])
            yield from (f"{bounds['kind']}{number}" for number in range(first, last + 1))


def cases_in(name: str) -> Iterator[tuple[str, bool]]:
    """Return the cases that a test carries in its name, and whether each has its digits."""
    carried = _NUMBERS.match(name)
    for number in carried["numbers"].split("_")[:-1] if carried else ():
        kind = number[0].upper()
        yield f"{kind}{int(number[1:])}", len(number) == KINDS[kind] + 1


def _row_faults(row: Row, carriers: Iterable[str], names: Mapping[str, object]) -> Iterator[str]:
    for test in row.tests:
        if test not in names:
            yield f"{row.case} names {test}, which is not there"
        elif test not in carriers:
            yield f"{row.case} names {test}, which does not carry the number"
    if not row.tests and carriers:
        yield f"{row.case} names no test, and {sorted(carriers)[0]} carries the number"
    if not row.tests and not row.has_reason:
        yield f"{row.case} names no test and gives no reason: `waits for …: …` or `does not arise: …`"


if __name__ == "__main__":
    sys.exit(main())
