"""Generated systems of record: the same for the same seed, and as such systems are found."""

from __future__ import annotations

import re
import sqlite3
import sys
import time
from contextlib import closing

import pytest

from consentry.sources import (
    FakerMissing,
    PeopleFileInvalid,
    PopulationInvalid,
    SourceError,
    SqlSource,
    TargetExists,
    packaged_mapping,
)
from consentry.sources.generation import PEOPLE_FILE, generate, read_generated
from consentry.sources.generation.bank import french_iban
from tests.python.sources.conftest import ACCOUNT, IDENTITY, LICENCE, RESIDENCE, SEED

SCHEMAS = {"bank": (IDENTITY, ACCOUNT), "licence_office": (LICENCE,), "utility": (RESIDENCE,)}


def rows_of(file, statement):
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(statement).fetchall()


def dump(made):
    def lines(file):
        with closing(sqlite3.connect(file)) as connection:
            return list(connection.iterdump())

    return [lines(made.bank), lines(made.licence_office), lines(made.utility), made.people]


# -------------------------------------------------------------------- how many, and who


def test_the_same_seed_gives_the_same_rows(generated, tmp_path):
    again = generate(tmp_path, people=200, seed=SEED)
    assert dump(again) == dump(generated)
    assert (tmp_path / PEOPLE_FILE).read_bytes() == (generated.bank.parent / PEOPLE_FILE).read_bytes()


def test_another_seed_gives_other_rows(generated, tmp_path):
    other = generate(tmp_path, people=200, seed=SEED + 1)
    assert all(one != another for one, another in zip(dump(other), dump(generated), strict=True))


def test_what_was_generated_can_be_read_again(generated):
    assert read_generated(generated.bank.parent) == generated


@pytest.mark.parametrize("people", [10, 11, 12, 13])
def test_each_institution_knows_as_many_as_asked_for(people, tmp_path):
    made = generate(tmp_path, people=people, seed=1)
    assert sum(one.bank is not None for one in made.people) == people
    assert sum(one.licence_office is not None for one in made.people) == people
    (customers,) = rows_of(made.utility, "SELECT count(DISTINCT tel) FROM customers")[0]
    assert customers >= people
    everywhere = [one for one in made.people if one.bank is not None and one.licence_office is not None]
    assert len(everywhere) >= people * 3 // 5


def test_no_two_people_sign_in_by_the_same(generated):
    for name in ("bank", "licence_office", "utility"):
        identifiers = [getattr(one, name) for one in generated.people if getattr(one, name) is not None]
        assert len(set(identifiers)) == len(identifiers)


def test_ten_thousand_people_are_made_within_a_minute(tmp_path, record_property):
    began = time.monotonic()
    made = generate(tmp_path, people=10_000, seed=1)
    seconds = time.monotonic() - began
    record_property("seconds", seconds)
    assert len(rows_of(made.bank, "SELECT CUST_NO FROM CUST_MASTER")) >= 10_000
    assert seconds < 60


def test_tells_how_far_it_is(tmp_path):
    told = []
    generate(tmp_path, people=600, seed=1, progress=lambda *step: told.append(step))
    assert told == [
        ("people", 500, 720),
        ("people", 720, 720),
        ("systems of record", 0, 3),
        ("systems of record", 1, 3),
        ("systems of record", 2, 3),
        ("systems of record", 3, 3),
    ]


# -------------------------------------------------------------------- as such systems are found


def test_names_are_chinese_english_and_french(generated):
    names = [" ".join(row) for row in rows_of(generated.bank, "SELECT SURNAME, GIVEN_NM_1 FROM CUST_MASTER")]
    assert sum(bool(re.search("[\u4e00-\u9fff]", name)) for name in names) > 20
    assert sum(bool(re.search("[éèêëçïîôâ]", name)) for name in names) > 10
    assert sum(name.isascii() for name in names) > 60
    countries = {code for (code,) in rows_of(generated.bank, "SELECT DISTINCT CTRY_CD FROM CUST_ADDR_HIST")}
    assert countries == {"CHN", "CAN", "GBR", "FRA"}


def test_the_utility_keeps_some_letters_and_their_marks_apart(generated):
    surnames = [name for (name,) in rows_of(generated.utility, "SELECT surname FROM customers")]
    assert any("\u0300" <= sign <= "\u036f" for name in surnames for sign in name)


@pytest.mark.parametrize(
    ("institution", "statement"),
    [
        ("bank", "SELECT 1 FROM CUST_MASTER WHERE EMAIL_ADR IS NULL OR EMAIL_ADR IN ('', 'N/A')"),
        ("bank", "SELECT 1 FROM CUST_MASTER WHERE MOBILE_NO IS NULL OR MOBILE_NO IN ('UNKNOWN', '-')"),
        ("bank", "SELECT 1 FROM CUST_MASTER WHERE DOB IS NULL OR DOB IN (0, 19000101)"),
        ("bank", "SELECT 1 FROM CUST_MASTER WHERE STAT_CD = '5'"),
        ("bank", "SELECT 1 FROM CUST_ADDR_HIST WHERE CITY = '??'"),
        ("bank", "SELECT 1 FROM ACCT WHERE ACCT_STAT <> 'A'"),
        ("licence_office", "SELECT 1 FROM holder WHERE mobile IS NULL OR mobile IN ('NIL', '?')"),
        ("licence_office", "SELECT 1 FROM holder WHERE born = '00/00/0000'"),
        ("licence_office", "SELECT 1 FROM holder WHERE born NOT LIKE '%/%'"),
        ("licence_office", "SELECT 1 FROM licence WHERE state = 'E'"),
        ("licence_office", "SELECT 1 FROM category WHERE valid_from = '00/00/0000'"),
        ("utility", "SELECT 1 FROM customers WHERE email IS NULL OR email IN ('', 'none')"),
        ("utility", "SELECT 1 FROM supply_points WHERE area = 'n/a'"),
        ("utility", "SELECT 1 FROM contracts WHERE state = 'SUS' OR state = 'PND'"),
    ],
)
def test_some_values_are_missing_or_no_longer_count(generated, institution, statement):
    assert rows_of(getattr(generated, institution), statement)


def test_some_people_moved(generated):
    addresses = rows_of(generated.bank, "SELECT count(*) FROM CUST_ADDR_HIST GROUP BY CUST_NO")
    assert sum(count > 1 for (count,) in addresses) > 50
    assert len(rows_of(generated.utility, "SELECT 1 FROM contracts WHERE state = 'END'")) > 50


def test_some_people_were_entered_twice(generated):
    assert rows_of(generated.bank, "SELECT 1 FROM CUST_MASTER WHERE STAT_CD = '9' AND MERGED_TO IS NOT NULL")
    assert rows_of(
        generated.bank,
        "SELECT 1 FROM CUST_MASTER WHERE STAT_CD = '1' AND EMAIL_ADR LIKE '%@%' GROUP BY EMAIL_ADR HAVING count(*) > 1",
    )
    assert rows_of(generated.licence_office, "SELECT 1 FROM holder GROUP BY driver_no HAVING count(*) > 1")
    assert rows_of(
        generated.utility,
        "SELECT 1 FROM customers WHERE email LIKE '%@%' GROUP BY lower(email) HAVING count(*) > 1",
    )


def test_the_account_number_of_a_french_account():
    # The example of the French banking federation, as ISO 13616 and the RIB key make it.
    assert french_iban("30006", "00001", "12345678901") == "FR76 3000 6000 0112 3456 7890 189"


# -------------------------------------------------------------------- the packaged mappings read it


@pytest.mark.asyncio
async def test_whoever_is_complete_is_read_completely_and_alike_everywhere(generated):
    complete = [one for one in generated.people if one.is_complete][:20]
    read = {}
    for institution, urns in SCHEMAS.items():
        file = getattr(generated, institution)
        source = await SqlSource.open(f"sqlite+aiosqlite:///{file}", packaged_mapping(institution))
        for one in complete:
            key = await source.find(getattr(one, institution))
            await source.contact(key)
            for urn in urns:
                # Where addresses have no region, there is none to read.
                attributes = [name for name in source.attributes(urn) if name != "resident_state"]
                read[urn, one.person] = await source.read(key, urn, attributes)
    for one in complete:
        identity, account, licence, residence = (
            read[urn, one.person] for urn in (IDENTITY, ACCOUNT, LICENCE, RESIDENCE)
        )
        assert identity["birthdate"] == account["birthdate"] == licence["birth_date"]
        assert identity["family_name"] == account["family_name"] == residence["family_name"]
        assert identity["family_name"].upper() == licence["family_name"]
        assert identity["given_name"] == licence["given_name"] == residence["given_name"]
        assert identity["address"]["locality"] == residence["address"]["locality"]


@pytest.mark.asyncio
async def test_whoever_is_not_complete_is_refused_by_name_somewhere(generated):
    lacking = [one for one in generated.people if not one.is_complete][:60]
    refused = set()
    sources = {
        institution: await SqlSource.open(
            f"sqlite+aiosqlite:///{getattr(generated, institution)}", packaged_mapping(institution)
        )
        for institution in SCHEMAS
    }
    for one in lacking:
        is_refused = False
        for institution, urns in SCHEMAS.items():
            source, identifier = sources[institution], getattr(one, institution)
            try:
                key = await source.find("" if identifier is None else identifier)
                await source.contact(key)
                for urn in urns:
                    attributes = [name for name in source.attributes(urn) if name != "resident_state"]
                    await source.read(key, urn, attributes)
            except SourceError as error:
                is_refused = True
                refused.add(type(error).__name__)
        assert is_refused, one.person
    assert refused >= {"PersonNotFound", "AmbiguousPerson", "ContactUnusable", "AttributeMissing"}


@pytest.mark.asyncio
async def test_the_latest_address_and_the_last_open_account_are_read(generated):
    source = await SqlSource.open(f"sqlite+aiosqlite:///{generated.bank}", packaged_mapping("bank"))
    moved = 0
    for one in [one for one in generated.people if one.is_complete][:20]:
        key = await source.find(one.bank)
        read = await source.read(key, ACCOUNT, ["address", "iban"])
        where = f"WHERE CUST_NO = '{one.bank}'"
        addresses = rows_of(generated.bank, f"SELECT CITY FROM CUST_ADDR_HIST {where} ORDER BY EFF_DT, SEQ_NO")
        accounts = rows_of(
            generated.bank, f"SELECT IBAN FROM ACCT {where} AND ACCT_STAT = 'A' ORDER BY OPEN_DT, ACCT_NO"
        )
        assert read["address"]["locality"] == addresses[-1][0].strip()
        assert read["iban"] == accounts[-1][0].replace(" ", "")
        moved += len(addresses) > 1
    assert moved > 5


# -------------------------------------------------------------------- what is refused


@pytest.mark.parametrize("people", [-1, 0, 9, 1_000_001])
def test_refuses_a_number_of_people_that_cannot_be_made(people, tmp_path):
    with pytest.raises(PopulationInvalid) as refused:
        generate(tmp_path, people=people, seed=1)
    assert (refused.value.people, refused.value.least, refused.value.most) == (people, 10, 1_000_000)


@pytest.mark.parametrize("name", ["bank.sqlite", "licence_office.sqlite", "utility.sqlite", "people.csv"])
def test_refuses_to_write_over_what_is_there(name, tmp_path):
    (tmp_path / name).write_text("mine")
    with pytest.raises(TargetExists) as refused:
        generate(tmp_path, people=10, seed=1)
    assert refused.value.file == str(tmp_path / name)
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [(name, "mine")]


def test_writes_over_what_is_there_when_asked_to(tmp_path):
    generate(tmp_path, people=10, seed=1)
    again = generate(tmp_path, people=10, seed=2, replace=True)
    assert read_generated(tmp_path) == again
    assert len(list(tmp_path.iterdir())) == 4


def test_leaves_nothing_behind_when_it_is_broken_off(tmp_path):
    def break_off(what, done, total):
        if what == "systems of record" and done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path, people=10, seed=1, progress=break_off)
    assert list(tmp_path.iterdir()) == []


def test_says_that_faker_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "faker", None)
    with pytest.raises(FakerMissing, match=r"pip install 'consentry\[dev\]'"):
        generate(tmp_path, people=10, seed=1)
    assert list(tmp_path.iterdir()) == []


HEADER = "person,bank,licence_office,utility,complete\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "No such file"),
        ("", "its first line is not person,bank,licence_office,utility,complete"),
        ("a,b\n", "its first line is not"),
        (HEADER + "0,C1,,\n", "line 2 is not a person"),
        (HEADER + "0,C1,,,1\nx,C1,,,1\n", "line 3 is not a person"),
        (HEADER + "0,C1,,,yes\n", "line 2 does not say 0 or 1 under complete"),
        (b"\xff\xfe", "it is not CSV in UTF-8"),
    ],
)
def test_refuses_what_does_not_say_who_is_who(text, reason, tmp_path):
    if text is not None:
        (tmp_path / PEOPLE_FILE).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PeopleFileInvalid, match=reason):
        read_generated(tmp_path)
