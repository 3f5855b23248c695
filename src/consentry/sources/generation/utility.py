"""The utility's system: contracts for supply points, dates with dots, countries in words."""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
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
    "CREATE TABLE customers (customer_ref INTEGER PRIMARY KEY, salutation TEXT, surname TEXT,"
    " forenames TEXT, email TEXT, tel TEXT, created_at TIMESTAMP)",
    "CREATE TABLE supply_points (id INTEGER PRIMARY KEY, house_no TEXT, street TEXT, town TEXT,"
    " area TEXT, postcode TEXT, country TEXT)",
    "CREATE TABLE meters (serial TEXT PRIMARY KEY, supply_point_id INTEGER, fitted_on DATE, last_reading_kwh INTEGER)",
    "CREATE TABLE contracts (contract_no TEXT PRIMARY KEY, customer_ref INTEGER,"
    " supply_point_id INTEGER, tariff TEXT, starts_on TEXT, ends_on TEXT, state TEXT)",
    "CREATE INDEX contracts_customer_ref ON contracts (customer_ref)",
    "CREATE INDEX meters_supply_point_id ON meters (supply_point_id)",
)
_COUNTRIES: Final = {
    "CN": ("中国", "China"),
    "CA": ("Canada",),
    "GB": ("United Kingdom", "Great Britain", "UK"),
    "FR": ("France",),
}


def make_utility(people: Sequence[Person], seed: int) -> System:
    """Make the utility's system of record.

    Args:
        people: Its customers.
        seed: Whatever tells this system from others.

    Returns:
        The system.
    """
    chance = seeded("utility", seed)
    ledger = _Ledger(chance)
    recorded: dict[int, Recorded] = {}
    for person in people:
        email, is_complete = ledger.enter(person)
        is_twice = email is not None and chance.random() < 0.02
        if is_twice:
            ledger.enter_again(person)
        recorded[person.index] = Recorded(email, is_complete and not is_twice)
    return System(_STATEMENTS, ledger.rows(), recorded)


class _Ledger:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._customers: list[Row] = []
        self._supply_points: list[Row] = []
        self._meters: list[Row] = []
        self._contracts: list[Row] = []

    def rows(self) -> dict[str, Sequence[Row]]:
        return {
            "customers": self._customers,
            "supply_points": self._supply_points,
            "meters": self._meters,
            "contracts": self._contracts,
        }

    def enter(self, person: Person) -> tuple[str | None, bool]:
        """Enter a customer; return what they sign in by and whether nothing is lacking."""
        chance = self._chance
        email: str | None = person.email
        if chance.random() < 0.06:
            email = chance.choice((None, "", "none"))
        surname, forenames = person.family_name, " ".join(person.given_names)
        if chance.random() < 0.1:
            # Entered on a computer that keeps letters and their marks apart.
            surname = unicodedata.normalize("NFD", surname)
            forenames = unicodedata.normalize("NFD", forenames)
        reference = self._enter_customer(surname, forenames, email, person)
        for residence, next_one in zip(person.residences, (*person.residences[1:], None), strict=True):
            end = None if next_one is None else next_one.since
            self._enter_contract(reference, residence, end, "ACT" if end is None else "END")
        is_running = chance.random() > 0.04
        if not is_running:
            last = self._contracts.pop()
            self._contracts.append((*last[:-1], chance.choice(("SUS", "END", "PND"))))
        signs_in_by = email if email not in ("", "none") else None
        return signs_in_by, is_running and signs_in_by is not None

    def enter_again(self, person: Person) -> None:
        """Enter the same customer a second time with the same e-mail address."""
        forenames = person.given_names[0]
        surname = misspelt(person.family_name, self._chance)
        self._enter_customer(surname, forenames, person.email.upper(), person)

    def _enter_customer(self, surname: str, forenames: str, email: str | None, person: Person) -> int:
        chance = self._chance
        reference = 700_000 + 3 * len(self._customers)
        created = REFERENCE_DATE - dt.timedelta(days=chance.randrange(1, 6_000))
        self._customers.append(
            (
                reference,
                chance.choice(("Mr", "Ms", "M.", "Mme", "先生", "女士", "")),
                surname,
                forenames if chance.random() > 0.03 else f"  {forenames}",
                email,
                written_phone(person.phone, chance),
                f"{created.isoformat()} {chance.randrange(8, 18):02}:{chance.randrange(60):02}:00",
            )
        )
        return reference

    def _enter_contract(self, reference: int, residence: Residence, end: dt.date | None, state: str) -> None:
        chance = self._chance
        point = len(self._supply_points) + 1
        street = residence.street
        if residence.unit:
            separator = "" if residence.country == "CN" else ", "
            street = f"{street}{separator}{residence.unit}"
        self._supply_points.append(
            (
                point,
                residence.number or "-",
                street,
                residence.locality,
                residence.region or "n/a",
                residence.postal_code,
                chance.choice(_COUNTRIES[residence.country]),
            )
        )
        fitted = residence.since - dt.timedelta(days=chance.randrange(1, 3_000))
        self._meters.append(
            (
                f"M{chance.randrange(10**4):04}-{point:08}",
                point,
                fitted.isoformat(),
                chance.randrange(100_000),
            )
        )
        starts = residence.since + dt.timedelta(days=chance.randrange(0, 8))
        self._contracts.append(
            (
                f"{starts.year}-{point:07}",
                reference,
                point,
                chance.choice(("BASE", "GREEN", "NIGHT", "OLD-2004")),
                starts.strftime("%d.%m.%Y"),
                end.strftime("%d.%m.%Y") if end is not None else None,
                state,
            )
        )
