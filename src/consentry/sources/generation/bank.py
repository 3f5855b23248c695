"""The bank's system: capital letters, numbers for dates, a row for each address one ever had."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from consentry.sources.generation.population import (
    REFERENCE_DATE,
    Person,
    Residence,
    misspelt,
    plain_ascii,
    seeded,
    written_phone,
)
from consentry.sources.generation.tables import Recorded, Row, System

_STATEMENTS: Final = (
    "CREATE TABLE CUST_MASTER (CUST_NO CHAR(9) PRIMARY KEY, SURNAME VARCHAR(60), GIVEN_NM_1"
    " VARCHAR(40), GIVEN_NM_2 VARCHAR(40), DOB DECIMAL(8), NATION_CD VARCHAR(7), EMAIL_ADR"
    " VARCHAR(80), MOBILE_NO VARCHAR(24), STAT_CD CHAR(1), MERGED_TO CHAR(9), OPEN_BR CHAR(5))",
    "CREATE TABLE CUST_ADDR_HIST (CUST_NO CHAR(9), SEQ_NO INTEGER, EFF_DT DECIMAL(8), END_DT"
    " DECIMAL(8), LINE_1 VARCHAR(80), LINE_2 VARCHAR(40), CITY VARCHAR(60), PROV_STATE"
    " VARCHAR(60), POST_CD VARCHAR(12), CTRY_CD CHAR(3))",
    "CREATE INDEX CUST_ADDR_X1 ON CUST_ADDR_HIST (CUST_NO)",
    "CREATE TABLE BRANCH (BR_CD CHAR(5) PRIMARY KEY, BR_NAME VARCHAR(40), SWIFT VARCHAR(11))",
    "CREATE TABLE ACCT (ACCT_NO CHAR(11) PRIMARY KEY, CUST_NO CHAR(9), BR_CD CHAR(5), IBAN"
    " VARCHAR(40), CCY CHAR(3), ACCT_STAT CHAR(1), OPEN_DT DECIMAL(8), BAL_CENTS INTEGER)",
    "CREATE INDEX ACCT_X1 ON ACCT (CUST_NO)",
)
_BRANCHES: Final = (
    ("00101", "PARIS OPERA", "CNSYFRPPXXX"),
    ("00217", "LYON PART-DIEU", "CNSYFRPPLYO"),
    ("00342", "STRASBOURG", "CNSYFRPPSTR"),
    ("00458", "INTERNATIONAL", "CNSYFRPPINT"),
)
_BANK_CODE: Final = "99999"
_ALPHA_3: Final = {"CN": "CHN", "CA": "CAN", "GB": "GBR", "FR": "FRA"}
_NUMERIC: Final = {
    "CN": "156",
    "CA": "124",
    "GB": "826",
    "FR": "250",
    "DE": "276",
    "IE": "372",
    "SN": "686",
    "VN": "704",
}
_FOREVER: Final = 99991231


def make_bank(people: Sequence[Person], seed: int) -> System:
    """Make the bank's system of record.

    Args:
        people: Its customers.
        seed: Whatever tells this system from others.

    Returns:
        The system.
    """
    chance = seeded("bank", seed)
    books = _Books(chance)
    numbers = chance.sample(range(10_000, 9_000_000), 2 * len(people))
    recorded: dict[int, Recorded] = {}
    for person in people:
        number = f"C{numbers.pop():08}"
        is_complete = books.enter(person, number)
        recorded[person.index] = Recorded(number, is_complete)
        if chance.random() < 0.02:
            books.enter_again(person, f"C{numbers.pop():08}", number)
    return System(_STATEMENTS, books.rows(), recorded)


class _Books:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._customers: list[Row] = []
        self._addresses: list[Row] = []
        self._accounts: list[Row] = []
        self._account_numbers = 10_000_000

    def rows(self) -> dict[str, Sequence[Row]]:
        return {
            "BRANCH": _BRANCHES,
            "CUST_MASTER": self._customers,
            "CUST_ADDR_HIST": self._addresses,
            "ACCT": self._accounts,
        }

    def enter(self, person: Person, number: str) -> bool:
        """Enter a customer; tell whether nothing is lacking."""
        chance = self._chance
        born: int | None = int(person.born.strftime("%Y%m%d"))
        email: str | None = person.email
        phone: str | None = written_phone(person.phone, chance)
        status = chance.choices("175", weights=(93, 5, 2))[0]
        slip = chance.random()
        if slip < 0.01:
            born = chance.choice((None, 0, 19000101))
        elif slip < 0.05:
            email = chance.choice((None, "", "N/A"))
        elif slip < 0.07:
            phone = chance.choice((None, "UNKNOWN", "-"))
        elif slip < 0.075:
            phone = person.phone[:6]
        if email is not None and chance.random() < 0.1:
            email = email.upper()
        self._customers.append(
            (
                number,
                person.family_name if chance.random() > 0.03 else f"{person.family_name}  ",
                person.given_names[0],
                person.given_names[1] if len(person.given_names) > 1 else None,
                born,
                "/".join(_NUMERIC[one] for one in person.nationalities),
                email,
                phone,
                status,
                None,
                chance.choice(_BRANCHES)[0],
            )
        )
        self._enter_addresses(person, number)
        has_account = self._enter_accounts(number)
        return slip >= 0.075 and status != "5" and has_account

    def enter_again(self, person: Person, number: str, first_number: str) -> None:
        """Enter the same person under a second number, as a hurried clerk does."""
        chance = self._chance
        is_merged = chance.random() < 0.5
        self._customers.append(
            (
                number,
                misspelt(person.family_name, chance),
                plain_ascii(person.given_names[0]) or person.given_names[0],
                None,
                int(person.born.strftime("%Y%m%d")),
                _NUMERIC[person.nationalities[0]],
                person.email,
                written_phone(person.phone, chance),
                "9" if is_merged else "1",
                first_number if is_merged else None,
                chance.choice(_BRANCHES)[0],
            )
        )
        self._address(number, 1, person.residences[0], _FOREVER)

    def _enter_addresses(self, person: Person, number: str) -> None:
        rows = len(self._addresses)
        sequence = 0
        for residence, next_one in zip(person.residences, (*person.residences[1:], None), strict=True):
            end = _FOREVER if next_one is None else int(next_one.since.strftime("%Y%m%d"))
            if self._chance.random() < 0.01:
                # Entered wrongly, and corrected the same day.
                sequence += 1
                self._address(number, sequence, residence, end, city="??")
            sequence += 1
            self._address(number, sequence, residence, end)
        entered = self._addresses[rows:]
        self._chance.shuffle(entered)
        self._addresses[rows:] = entered

    def _address(self, number: str, sequence: int, residence: Residence, end: int, city: str | None = None) -> None:
        self._addresses.append(
            (
                number,
                sequence,
                int(residence.since.strftime("%Y%m%d")),
                end,
                f"{residence.number} {residence.street}".strip(),
                residence.unit or None,
                city or residence.locality,
                residence.region or self._chance.choice((None, "", "N/A")),
                residence.postal_code.lower() if self._chance.random() < 0.1 else residence.postal_code,
                _ALPHA_3[residence.country],
            )
        )

    def _enter_accounts(self, number: str) -> bool:
        chance = self._chance
        has_open = False
        for _ in range(chance.choices((1, 2, 3), weights=(70, 24, 6))[0]):
            self._account_numbers += chance.randrange(1, 90)
            account = f"{self._account_numbers:011}"
            branch = chance.choice(_BRANCHES)[0]
            status = chance.choices("ADCX", weights=(92, 3, 4, 1))[0]
            has_open = has_open or status == "A"
            opened = REFERENCE_DATE.toordinal() - chance.randrange(30, 9_000)
            self._accounts.append(
                (
                    account,
                    number,
                    branch,
                    french_iban(_BANK_CODE, branch, account),
                    chance.choices(("978", "826", "124"), weights=(90, 5, 5))[0],
                    status,
                    int(REFERENCE_DATE.fromordinal(opened).strftime("%Y%m%d")),
                    chance.randrange(-50_000, 5_000_000),
                )
            )
        return has_open


def french_iban(bank: str, branch: str, account: str) -> str:
    """Write the IBAN of a French account, in groups of four as on a statement.

    Args:
        bank: Bank code, 5 digits.
        branch: Branch code, 5 digits.
        account: Account number, 11 digits.

    Returns:
        The IBAN, with both its check digits right (ISO 13616, and the French RIB key).
    """
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97
    national = f"{bank}{branch}{account}{key:02}"
    check = 98 - int(f"{national}152700") % 97  # F is 15, R is 27
    whole = f"FR{check:02}{national}"
    return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))
