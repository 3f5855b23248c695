"""The errors: one tree, drawn as it is, and no word of a person in any of them."""

from __future__ import annotations

import inspect
import re
import sqlite3
import traceback
from contextlib import closing

import pytest

import consentry.sources
from consentry.errors import ConsentryError
from consentry.sources import SourceError, SqlSource, errors, packaged_mapping
from tests.python.sources.conftest import ACCOUNT, IDENTITY, LICENCE, RESIDENCE


def classes():
    """Every error of the package by name, in the order in which it is defined."""
    return {
        name: one for name, one in vars(errors).items() if inspect.isclass(one) and one.__module__ == errors.__name__
    }


def drawn():
    """Each name in the drawing with the name above it."""
    above, parents = [], {}
    for line in errors.__doc__.splitlines():
        found = re.match(r"^    ((?:[│ ]   )*)(?:[├└]── )(\w+)", line)
        if found:
            depth = len(found.group(1)) // 4
            above = [*above[:depth], found.group(2)]
            parents[found.group(2)] = above[depth - 1] if depth else "ConsentryError"
    return parents


def test_the_tree_is_drawn_as_it_is():
    assert drawn() == {name: one.__bases__[0].__name__ for name, one in classes().items()}


def test_every_error_is_one_of_the_package_s_and_exported():
    assert all(issubclass(one, ConsentryError) for one in classes().values())
    assert set(classes()) <= set(consentry.sources.__all__)


def test_names_that_may_hide_a_value_are_not_shown():
    assert "Zoé" not in str(errors.SchemaNotMapped("the club", "urn:x Zoé"))
    assert "Zoé" not in str(errors.AttributeNotMapped("the club", IDENTITY, "Zoé Lefèvre"))
    assert "a" * 129 not in str(errors.AttributeNotMapped("the club", IDENTITY, "a" * 129))


def chain(error):
    """Everything that a log could show of an error and of what it came from."""
    texts = []
    while error is not None:
        texts.append("".join(traceback.format_exception_only(error)) + repr(error) + str(vars(error)))
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


SPOILT = {
    "bank": (
        (IDENTITY, ACCOUNT),
        "UPDATE CUST_MASTER SET DOB = 19901399, EMAIL_ADR = 'Jane Doe, Lyon', MOBILE_NO = 'ask ' || SURNAME;"
        "UPDATE CUST_ADDR_HIST SET CTRY_CD = CITY; UPDATE ACCT SET IBAN = 'FR00 ' || ACCT_NO;",
    ),
    "licence_office": (
        (LICENCE,),
        "UPDATE holder SET born = full_name, ctry = town; UPDATE licence SET issued = lic_no, expires = lic_no;",
    ),
    "utility": (
        (RESIDENCE,),
        "UPDATE supply_points SET country = street; UPDATE contracts SET starts_on = contract_no;"
        "UPDATE customers SET surname = surname || char(7);",
    ),
}
"""What each institution tells, and how its system of record is spoilt."""


def held_in(file):
    """Everything that stands in a system of record and is long enough to be told from other words."""
    with closing(sqlite3.connect(file)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [row for table in tables for row in connection.execute(f"SELECT * FROM {table}")]
    return {str(value) for row in rows for value in row if value is not None and len(str(value)) > 5}


@pytest.mark.asyncio
@pytest.mark.parametrize("institution", SPOILT)
async def test_no_error_says_what_stands_in_a_record(generated, tmp_path, institution):
    urns, statements = SPOILT[institution]
    file = tmp_path / "spoilt.sqlite"
    file.write_bytes(getattr(generated, institution).read_bytes())
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(statements)
    source = await SqlSource.open(f"sqlite+aiosqlite:///{file}", packaged_mapping(institution))
    refusals = []

    async def attempt(reading):
        try:
            return await reading
        except SourceError as error:
            refusals.append(error)

    keys = [await attempt(source.find(getattr(one, institution) or "nobody at all")) for one in generated.people]
    for key in [key for key in keys if key is not None][:6]:
        await attempt(source.contact(key))
        for urn in urns:
            for attribute in source.attributes(urn):
                await attempt(source.read(key, urn, [attribute]))
    said = "\n".join(chain(error) for error in refusals)
    assert len({type(error) for error in refusals}) >= 2
    assert [value for value in held_in(file) if value in said] == []


@pytest.mark.asyncio
async def test_no_error_of_the_database_says_what_was_asked_for(club):
    source = await club.open()
    club.execute("DROP TABLE members")
    with pytest.raises(SourceError) as refused:
        await source.find("zoe lefevre")
    assert "zoe lefevre" not in chain(refused.value)
