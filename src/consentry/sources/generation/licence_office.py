"""The licence office's register: names in one column, dates as day/month/year, many documents."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import Final

from consentry.sources.generation.population import (
    REFERENCE_DATE,
    Person,
    Residence,
    misspelt,
    seeded,
    written_phone,
)
from consentry.sources.generation.tables import Recorded, Row, System

_STATEMENTS: Final = (
    "CREATE TABLE holder (hid INTEGER PRIMARY KEY, driver_no TEXT, full_name TEXT, born TEXT,"
    " adr1 TEXT, adr2 TEXT, adr3 TEXT, town TEXT, county TEXT, pcode TEXT, ctry TEXT, mobile TEXT)",
    "CREATE INDEX holder_driver_no ON holder (driver_no)",
    "CREATE TABLE office (code TEXT PRIMARY KEY, title TEXT, country TEXT)",
    "CREATE TABLE licence (lic_no TEXT PRIMARY KEY, hid INTEGER, office_cd TEXT, issued TEXT,"
    " expires TEXT, state TEXT)",
    "CREATE INDEX licence_hid ON licence (hid)",
    "CREATE TABLE category (lic_no TEXT, cat TEXT, valid_from TEXT, valid_to TEXT, restrictions TEXT)",
    "CREATE INDEX category_lic_no ON category (lic_no)",
)
_OFFICES: Final = (
    ("FR1", "Préfecture de police de Paris", "FR"),
    ("FR2", "Préfecture du Rhône", "FR"),
    ("GB1", "Driver and Vehicle Licensing Agency", "gb"),
    ("CA1", "ServiceOntario", "CAN"),
    ("CA2", "Société de l'assurance automobile du Québec", "CAN"),
    ("CN1", "北京市公安局公安交通管理局", "CN"),
    ("CN2", "上海市公安局交通警察总队", "CN"),
)
_RESTRICTIONS: Final = ("", "", "", "01.06", "01.06;78", "70;01.02", "95")


def make_licence_office(people: Sequence[Person], seed: int) -> System:
    """Make the licence office's system of record.

    Args:
        people: The holders.
        seed: Whatever tells this system from others.

    Returns:
        The system.
    """
    chance = seeded("licence office", seed)
    register = _Register(chance)
    recorded: dict[int, Recorded] = {}
    for person in people:
        driver_number, is_complete = register.enter(person)
        is_twice = chance.random() < 0.015
        if is_twice:
            register.enter_again(person, driver_number)
        recorded[person.index] = Recorded(driver_number, is_complete and not is_twice)
    return System(_STATEMENTS, register.rows(), recorded)


class _Register:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._holders: list[Row] = []
        self._licences: list[Row] = []
        self._categories: list[Row] = []
        self._documents = 100_000

    def rows(self) -> dict[str, Sequence[Row]]:
        return {
            "office": _OFFICES,
            "holder": self._holders,
            "licence": self._licences,
            "category": self._categories,
        }

    def enter(self, person: Person) -> tuple[str, bool]:
        """Enter a holder; return the driver number and whether nothing is lacking."""
        chance = self._chance
        letters = "".join(chance.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=3))
        driver_number = f"{letters}{len(self._holders):06}{chance.randrange(10)}"
        born = person.born.strftime("%d/%m/%Y")
        mobile: str | None = written_phone(person.phone, chance)
        slip = chance.random()
        if slip < 0.005:
            born = "00/00/0000"
        elif slip < 0.035:
            mobile = chance.choice((None, "NIL", "?"))
        elif slip < 0.15:
            born = person.born.strftime("%Y%m%d")  # taken over from an older system
        # Not everybody tells the licence office that they moved.
        stale = len(person.residences) > 1 and chance.random() < 0.15
        residence = person.residences[-2 if stale else -1]
        name = f"{person.family_name.upper()}, {' '.join(person.given_names)}"
        self._hold(driver_number, name, born, residence, mobile)
        has_valid = self._enter_licences(person, len(self._holders))
        return driver_number, slip >= 0.035 and has_valid

    def enter_again(self, person: Person, driver_number: str) -> None:
        """Enter the same holder a second time under the same driver number."""
        name = f"{misspelt(person.family_name, self._chance).upper()}, {person.given_names[0]}"
        born = person.born.strftime("%d/%m/%Y")
        self._hold(driver_number, name, born, person.residences[0], None)

    def _hold(self, driver_number: str, name: str, born: str, residence: Residence, mobile: str | None) -> None:
        self._holders.append(
            (
                len(self._holders) + 1,
                driver_number,
                name,
                born,
                residence.unit or None,
                residence.number or "NIL",
                residence.street,
                residence.locality,
                residence.region or "XX",
                residence.postal_code,
                residence.country,
                mobile,
            )
        )

    def _enter_licences(self, person: Person, holder: int) -> bool:
        chance = self._chance
        country = person.residences[-1].country
        offices = [code for code, _, where in _OFFICES if where.upper()[:2] == country]
        first = person.born + dt.timedelta(days=chance.randrange(18 * 366, 19 * 366))
        state = chance.choices("VES", weights=(96, 3, 1))[0]
        issued = REFERENCE_DATE - dt.timedelta(days=chance.randrange(40, 8 * 365))
        issued = max(issued, first)
        expires = issued + dt.timedelta(days=10 * 365)
        if state == "E":
            issued -= dt.timedelta(days=10 * 365)
            expires = issued + dt.timedelta(days=9 * 365)
        earlier = issued - dt.timedelta(days=10 * 365)
        categories = ["B"]
        categories.extend(cat for cat in ("AM", "A2", "C1", "BE") if chance.random() < 0.1)
        if earlier > first:
            self._enter_licence(holder, chance.choice(offices), earlier, issued, "R", ["B"], first)
        self._enter_licence(holder, chance.choice(offices), issued, expires, state, categories, first)
        return state == "V"

    def _enter_licence(
        self,
        holder: int,
        office: str,
        issued: dt.date,
        expires: dt.date,
        state: str,
        categories: Sequence[str],
        first: dt.date,
    ) -> None:
        chance = self._chance
        self._documents += chance.randrange(1, 40)
        number = f"{issued.year % 100:02} {office[:2]} {self._documents}"
        written = "%d-%m-%y" if chance.random() < 0.1 else "%d/%m/%Y"
        self._licences.append(
            (
                number,
                holder,
                office,
                issued.strftime(written),
                expires.strftime("%d/%m/%Y"),
                state,
            )
        )
        for category in categories:
            self._categories.append(
                (
                    number,
                    category if chance.random() > 0.05 else category.lower(),
                    first.strftime("%d/%m/%Y") if chance.random() > 0.1 else "00/00/0000",
                    expires.strftime("%d/%m/%Y"),
                    chance.choice(_RESTRICTIONS),
                )
            )
