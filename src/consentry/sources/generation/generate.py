"""Three systems of record of different shape, as they are found, that know the same people."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from consentry.sources.errors import PopulationInvalid, TargetExists
from consentry.sources.generation.bank import make_bank
from consentry.sources.generation.licence_office import make_licence_office
from consentry.sources.generation.people import PEOPLE_FILE, KnownPerson, read_people, write_people
from consentry.sources.generation.population import Person, make_population
from consentry.sources.generation.tables import System, write_tables
from consentry.sources.generation.utility import make_utility

LEAST_PEOPLE: Final = 10
MOST_PEOPLE: Final = 1_000_000

BANK_FILE: Final = "bank.sqlite"
LICENCE_OFFICE_FILE: Final = "licence_office.sqlite"
UTILITY_FILE: Final = "utility.sqlite"

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with what is being made, how much of it is done, and how much there is to do."""


@dataclass(frozen=True, slots=True)
class Generated:
    """What was generated.

    Attributes:
        bank: The bank's SQLite file.
        licence_office: The licence office's.
        utility: The utility's.
        people: Who is who; also in ``people.csv`` beside them.
    """

    bank: Path
    licence_office: Path
    utility: Path
    people: tuple[KnownPerson, ...]


def generate(
    directory: Path,
    *,
    people: int,
    seed: int,
    replace: bool = False,
    progress: Progress | None = None,
) -> Generated:
    """Write the systems of record of a bank, a licence office and a utility as SQLite files.

    Names and addresses are Chinese, English and French. The systems are as such systems are found:
    columns with legacy names and codes, dates written in three ways, missing values, people who
    moved, people entered twice. Three in five people are known to all three institutions, the
    others to two of them, or to one. The same seed gives the same rows, with the same version of Faker.

    Args:
        directory: Where to write; made if need be.
        people: How many people each institution knows; 10 to 1,000,000.
        seed: Whatever tells this population from others.
        replace: Write over systems of record that are there already.
        progress: Called as it goes.

    Returns:
        What was written.

    Raises:
        PopulationInvalid: Not a number of people that can be made.
        FakerMissing: Faker is not installed; it comes with the extra ``dev``.
        TargetExists: There is a file already, and it is not to be replaced.
    """
    if not LEAST_PEOPLE <= people <= MOST_PEOPLE:
        raise PopulationInvalid(people, LEAST_PEOPLE, MOST_PEOPLE)
    names = (BANK_FILE, LICENCE_OFFICE_FILE, UTILITY_FILE, PEOPLE_FILE)
    for name in names:
        if not replace and (directory / name).exists():
            raise TargetExists(str(directory / name))
    report = progress if progress is not None else _say_nothing
    groups = _groups(people)
    total = max(group.stop for group in groups[0] + groups[1] + groups[2])
    population = make_population(total, seed, lambda done: report("people", done, total))
    makers = (
        (BANK_FILE, make_bank),
        (LICENCE_OFFICE_FILE, make_licence_office),
        (UTILITY_FILE, make_utility),
    )
    systems: list[System] = []
    with _beside(directory) as folder:
        for done, ((name, make), ranges) in enumerate(zip(makers, groups, strict=True)):
            report("systems of record", done, len(makers))
            system = make(_members(population, ranges), seed)
            write_tables(folder / name, system)
            systems.append(system)
        known = tuple(_known(person, systems) for person in population)
        write_people(folder / PEOPLE_FILE, known)
        for name in names:
            (folder / name).replace(directory / name)
    report("systems of record", len(makers), len(makers))
    return _generated(directory, known)


def read_generated(directory: Path) -> Generated:
    """Read what was generated before, and perhaps changed since.

    Args:
        directory: Where it was written.

    Returns:
        What is there.

    Raises:
        PeopleFileInvalid: Who is who is not there, or not as it was written.
    """
    return _generated(directory, read_people(directory))


def _generated(directory: Path, people: tuple[KnownPerson, ...]) -> Generated:
    return Generated(
        bank=directory / BANK_FILE,
        licence_office=directory / LICENCE_OFFICE_FILE,
        utility=directory / UTILITY_FILE,
        people=people,
    )


def _say_nothing(_what: str, _done: int, _total: int) -> None:
    """Report to nobody."""


def _groups(people: int) -> tuple[list[range], list[range], list[range]]:
    """Say which of the population each institution knows: exactly ``people`` each."""
    everywhere = people * 3 // 5
    rest = people - everywhere
    half = rest // 2
    bank_and_licence = range(everywhere, everywhere + half)
    licence_and_utility = range(bank_and_licence.stop, bank_and_licence.stop + half)
    utility_and_bank = range(licence_and_utility.stop, licence_and_utility.stop + half)
    groups = (
        [range(everywhere), bank_and_licence, utility_and_bank],
        [range(everywhere), bank_and_licence, licence_and_utility],
        [range(everywhere), licence_and_utility, utility_and_bank],
    )
    # Where the rest is odd, each institution knows one more, whom the others do not.
    if rest % 2:
        for offset, group in enumerate(groups):
            group.append(range(utility_and_bank.stop + offset, utility_and_bank.stop + offset + 1))
    return groups


def _members(population: Sequence[Person], ranges: Sequence[range]) -> list[Person]:
    return [population[index] for one in ranges for index in one]


def _known(person: Person, systems: Sequence[System]) -> KnownPerson:
    bank, licence_office, utility = (system.recorded.get(person.index) for system in systems)
    return KnownPerson(
        person=person.index,
        bank=bank.identifier if bank is not None else None,
        licence_office=licence_office.identifier if licence_office is not None else None,
        utility=utility.identifier if utility is not None else None,
        is_complete=all(one is not None and one.is_complete for one in (bank, licence_office, utility)),
    )


@contextmanager
def _beside(directory: Path) -> Iterator[Path]:
    """Make a folder to write in, so that what is at its place is whole; remove it at the end."""
    directory.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".generating-", dir=directory))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
