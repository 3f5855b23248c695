"""A system of record in SQL: what is read, and what is said when it cannot be."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import sqlite3
import time
from contextlib import closing

import pytest
from sqlalchemy import text

from consentry.sources import (
    AmbiguousPerson,
    AmbiguousRecord,
    AttributeInvalid,
    AttributeMissing,
    AttributeNotMapped,
    Channel,
    Contact,
    ContactUnusable,
    DatabaseUrlInvalid,
    MappingFileMissing,
    MappingInvalid,
    MappingMismatch,
    PersonNotFound,
    RecordKey,
    RecordNotFound,
    SchemaNotMapped,
    SourceTimeout,
    SourceUnavailable,
    SqlSource,
)
from consentry.sources.database import Database
from tests.python.sources.conftest import ACCOUNT, IDENTITY, LICENCE

pytestmark = pytest.mark.asyncio

ZOE = RecordKey("1")
WEI = RecordKey("2")


async def test_reads_every_attribute_that_is_mapped(club):
    source = await club.open()
    assert await source.read(ZOE, IDENTITY, source.attributes(IDENTITY)) == {
        "family_name": "Lefèvre",
        "given_name": "Zoé Anne",
        "birthdate": "1990-02-28",
        "nationalities": ["FR", "CN"],
        "address": {"street_address": "2 rue Basse", "locality": "Paris", "country": "FR"},
        "email": "zoe@example.org",
        "phone_number": "+33639980001",
    }
    assert await source.read(ZOE, LICENCE, source.attributes(LICENCE)) == {
        "issuing_authority": "The Club",
        "document_number": "C-7",
        "driving_privileges": [
            {"vehicle_category_code": "AM"},
            {"vehicle_category_code": "B", "codes": [{"code": "70"}, {"code": "95"}]},
        ],
    }


async def test_reads_just_the_attributes_asked_for(club):
    source = await club.open()
    club.execute("DROP TABLE homes; DROP TABLE cards; DROP TABLE rights;")
    assert await source.read(ZOE, IDENTITY, ["family_name"]) == {"family_name": "Lefèvre"}


async def test_knows_no_attributes_of_a_schema_that_is_not_mapped(club):
    assert (await club.open()).attributes(ACCOUNT) == ()


async def test_says_what_the_institution_is_called(club):
    assert (await club.open()).institution == "the club"


# -------------------------------------------------------------------- what is read is what is there now


async def test_editing_one_row_changes_what_is_read(club):
    source = await club.open()
    before = await source.read(ZOE, IDENTITY, ["family_name"])
    club.execute("UPDATE members SET family = 'Martin' WHERE id = 1")
    assert (before, await source.read(ZOE, IDENTITY, ["family_name"])) == (
        {"family_name": "Lefèvre"},
        {"family_name": "Martin"},
    )


async def test_a_later_address_takes_the_place_of_the_earlier_one(club):
    source = await club.open()
    club.execute("INSERT INTO homes VALUES (1, 20230101, '3 rue Neuve', 'Nice', 'Var', '1')")
    assert await source.read(ZOE, IDENTITY, ["address"]) == {
        "address": {"street_address": "3 rue Neuve", "locality": "Nice", "region": "Var", "country": "FR"}
    }


async def test_reads_the_new_file_when_the_old_one_is_replaced(club, tmp_path):
    source = await club.open()
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(club.file.read_bytes())
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE members SET family = 'Martin'")
    copy.replace(club.file)
    assert await source.read(ZOE, IDENTITY, ["family_name"]) == {"family_name": "Martin"}


async def test_reads_what_was_committed_while_the_system_is_writing(club):
    source = await club.open()
    club.execute("PRAGMA journal_mode = WAL")
    with closing(sqlite3.connect(club.file)) as writer:
        writer.execute("UPDATE members SET family = 'Martin' WHERE id = 1")
        assert await source.read(ZOE, IDENTITY, ["family_name"]) == {"family_name": "Lefèvre"}
        writer.commit()
        assert await source.read(ZOE, IDENTITY, ["family_name"]) == {"family_name": "Martin"}


async def test_all_that_is_read_at_once_is_of_one_moment(club):
    source = await club.open()
    club.execute("PRAGMA journal_mode = WAL")
    family = text("SELECT family FROM members WHERE id = 1")

    async def read_around_a_change(connection):
        before = (await connection.execute(family)).scalar()
        club.execute("UPDATE members SET family = 'Martin'")
        return before, (await connection.execute(family)).scalar()

    assert await source._database.reading(read_around_a_change) == ("Lefèvre", "Lefèvre")
    assert (await source._database.reading(read_around_a_change))[0] == "Martin"


async def test_many_read_at_once(club):
    source = await club.open()
    read = await asyncio.gather(*(source.read(ZOE, IDENTITY, ["family_name"]) for _ in range(40)))
    assert read == [{"family_name": "Lefèvre"}] * 40


# -------------------------------------------------------------------- nothing is written


async def test_the_files_are_the_same_after_everything_was_read(club):
    def files():
        return {one.name: hashlib.sha256(one.read_bytes()).digest() for one in club.file.parent.iterdir()}

    before = files()
    source = await club.open()
    await source.contact(await source.find("zoe"))
    await source.read(ZOE, LICENCE, source.attributes(LICENCE))
    await source.close()
    assert files() == before


@pytest.mark.parametrize("guard", ["PRAGMA query_only = ON", "PRAGMA query_only = OFF"])
@pytest.mark.parametrize("statement", ["UPDATE members SET family = 'Martin'", "CREATE TABLE mine (x)"])
async def test_the_database_itself_refuses_a_write(club, guard, statement):
    source = await club.open()

    async def write(connection):
        await connection.execute(text(guard))
        await connection.execute(text(statement))

    with pytest.raises(SourceUnavailable, match="attempt to write a readonly database"):
        await source._database.reading(write)
    assert await source.read(ZOE, IDENTITY, ["family_name"]) == {"family_name": "Lefèvre"}


async def test_no_other_database_can_be_written_by_the_same_connection(club, tmp_path):
    source = await club.open()
    other = tmp_path / "other.sqlite"

    async def write(connection):
        await connection.execute(text("COMMIT"))  # ATTACH cannot stand in a transaction
        await connection.execute(text(f"ATTACH '{other}' AS other"))
        await connection.execute(text("CREATE TABLE other.mine (x)"))

    with pytest.raises(SourceUnavailable, match="attempt to write a readonly database"):
        await source._database.reading(write)
    assert not other.exists() or other.stat().st_size == 0


async def test_postgresql_is_asked_for_read_only_transactions_of_one_moment():
    database = Database.open("postgresql://reader@127.0.0.1/registry", timeout_seconds=1)
    options = database._engine.get_execution_options()
    assert options == {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


# -------------------------------------------------------------------- whose record it is


@pytest.mark.parametrize("written", ["Zoe", "zoe", "ZOE", "  zoe\t"])
async def test_finds_a_person_however_they_write_their_identifier(club, written):
    assert await (await club.open()).find(written) == ZOE


async def test_finds_a_person_by_letters_and_their_marks_apart(club):
    club.execute("UPDATE members SET login = 'zo\u00e9' WHERE id = 1")
    assert await (await club.open()).find("zoe\u0301") == ZOE


async def test_finds_nobody_by_other_capital_letters_where_they_count(club):
    club.remap("\n  match: ignore_case", "")
    source = await club.open()
    assert await source.find("Zoe") == ZOE
    with pytest.raises(PersonNotFound):
        await source.find("zoe")


@pytest.mark.parametrize(
    "identifier",
    ["", "   ", "nobody", "zoe'--", "zo_", "%", "z" * 257, "\ud800", "zoe\0", "1"],
)
async def test_finds_nobody_by_another_identifier(club, identifier):
    with pytest.raises(PersonNotFound):
        await (await club.open()).find(identifier)


async def test_finds_nobody_whose_record_does_not_count(club):
    with pytest.raises(PersonNotFound):
        await (await club.open()).find("gone")


async def test_refuses_an_identifier_that_two_records_have(club):
    with pytest.raises(AmbiguousPerson):
        await (await club.open()).find("twin")


@pytest.mark.parametrize("type_", ["INTEGER", "DECIMAL(8)", "NUMERIC", "BIGINT"])
async def test_finds_a_person_by_a_number_in_one_spelling(club, type_):
    club.execute(f"ALTER TABLE members ADD number {type_}; UPDATE members SET number = 700 + id")
    club.remap("  column: login\n  match: ignore_case", "  column: number")
    source = await club.open()
    assert await source.find("701") == ZOE
    for other in ("0701", "701.0", "+701", "7e2", "\u0667\u0660\u0661", "701 702", str(10**30)):
        with pytest.raises(PersonNotFound):
            await source.find(other)


async def test_reads_where_to_reach_a_person(club):
    assert await (await club.open()).contact(ZOE) == Contact(Channel.EMAIL, "zoe@example.org")


@pytest.mark.parametrize("mail", [None, "", "?", "zoe", "zoe@a b", "a@b@c"])
async def test_refuses_a_contact_that_no_code_can_be_sent_to(club, mail):
    club.execute(f"UPDATE members SET mail = {'NULL' if mail is None else repr(mail)} WHERE id = 1")
    with pytest.raises(ContactUnusable) as refused:
        await (await club.open()).contact(ZOE)
    assert refused.value.channel == "email"


async def test_refuses_a_contact_that_cannot_be_converted(club):
    club.remap("  channel: email\n  column: mail", "  channel: sms\n  column: phone\n  convert: [phone]")
    with pytest.raises(ContactUnusable):
        await (await club.open()).contact(ZOE)  # a number without its country code


@pytest.mark.parametrize("change", ["DELETE FROM members WHERE id = 1", "UPDATE members SET state = 'X' WHERE id = 1"])
async def test_refuses_a_record_that_is_not_there_any_more(club, change):
    source = await club.open()
    key = await source.find("zoe")
    club.execute(change)
    with pytest.raises(RecordNotFound):
        await source.read(key, IDENTITY, ["family_name"])
    with pytest.raises(RecordNotFound):
        await source.contact(key)


@pytest.mark.parametrize("key", ["", "x", "1 OR 1=1", "01", "1.0", str(10**30)])
async def test_refuses_a_key_of_no_record(club, key):
    with pytest.raises(RecordNotFound):
        await (await club.open()).read(RecordKey(key), IDENTITY, ["family_name"])


# -------------------------------------------------------------------- rows that do not say which one counts


async def test_refuses_two_rows_where_there_is_to_be_one(club):
    club.execute("INSERT INTO cards VALUES (1, 'C-8')")
    with pytest.raises(AmbiguousRecord) as refused:
        await (await club.open()).read(ZOE, LICENCE, ["document_number"])
    assert refused.value.table == "card"


async def test_refuses_two_latest_rows(club):
    club.execute("INSERT INTO homes VALUES (1, 20200101, '3 rue Neuve', 'Nice', NULL, '1')")
    with pytest.raises(AmbiguousRecord) as refused:
        await (await club.open()).read(ZOE, IDENTITY, ["address"])
    assert refused.value.table == "home"


async def test_refuses_two_records_of_one_key(club):
    club.execute("CREATE VIEW doubled AS SELECT * FROM members UNION ALL SELECT * FROM members")
    club.remap("  table: members", "  table: doubled")
    with pytest.raises(AmbiguousRecord) as refused:
        await (await club.open()).read(ZOE, IDENTITY, ["family_name"])
    assert refused.value.table == "record"


async def test_refuses_rows_that_cannot_be_ordered(club):
    club.remap("by: [since]", 'by: [{ column: since, convert: ["date:%Y%m%d"] }]')
    club.execute("INSERT INTO homes VALUES (1, 'soon', '3 rue Neuve', 'Nice', NULL, '1')")
    with pytest.raises(AmbiguousRecord):
        await (await club.open()).read(ZOE, IDENTITY, ["address"])


async def test_a_row_without_a_date_comes_before_all_others(club):
    club.execute("INSERT INTO homes VALUES (1, NULL, '3 rue Neuve', 'Nice', NULL, '1')")
    read = await (await club.open()).read(ZOE, IDENTITY, ["address"])
    assert read["address"]["locality"] == "Paris"


async def test_numbers_are_ordered_as_numbers(club):
    club.execute(
        "DELETE FROM homes; INSERT INTO homes VALUES (1, 9, 'a', 'Nine', NULL, '1'), (1, 10, 'b', 'Ten', '', 1)"
    )
    read = await (await club.open()).read(ZOE, IDENTITY, ["address"])
    assert read["address"]["locality"] == "Ten"


async def test_refuses_more_rows_than_any_record_has(club):
    club.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001)"
        " INSERT INTO rights SELECT 1, i, NULL FROM n"
    )
    with pytest.raises(AmbiguousRecord) as refused:
        await (await club.open()).read(ZOE, LICENCE, ["driving_privileges"])
    assert refused.value.table == "right"


# -------------------------------------------------------------------- what a record lacks


@pytest.mark.parametrize(
    ("attribute", "change"),
    [
        ("family_name", "UPDATE members SET family = NULL"),
        ("family_name", "UPDATE members SET family = '  '"),
        ("family_name", "UPDATE members SET family = '?'"),
        ("given_name", "UPDATE members SET given_1 = NULL, given_2 = '?'"),
        ("birthdate", "UPDATE members SET born = '01.01.1900'"),
        ("nationalities", "UPDATE members SET nations = '?'"),
        ("address", "DELETE FROM homes"),
        ("address", "UPDATE homes SET street = NULL"),
    ],
)
async def test_says_which_attribute_a_record_lacks(club, attribute, change):
    club.execute(change)
    source = await club.open()
    with pytest.raises(AttributeMissing) as refused:
        await source.read(ZOE, IDENTITY, ["email", attribute])
    assert refused.value.attribute == attribute


@pytest.mark.parametrize(
    ("attribute", "rule", "change"),
    [
        ("birthdate", "date:%d.%m.%Y", "UPDATE members SET born = '31.02.1990'"),
        ("nationalities", "code:land", "UPDATE members SET nations = '1,3'"),
        ("phone_number", "phone:+33", "UPDATE members SET phone = 'ask her mother'"),
        ("address", "code:land", "UPDATE homes SET land = 'France'"),
        ("family_name", "maxLength", "UPDATE members SET family = hex(zeroblob(101))"),
        ("family_name", "pattern", "UPDATE members SET family = 'a' || char(7) || 'b'"),
        ("nationalities", "uniqueItems", "UPDATE members SET nations = '1,1'"),
        ("email", "format", "UPDATE members SET mail = 'zoe'"),
        ("family_name", "a column of type bytes", "UPDATE members SET family = x'00ff'"),
    ],
)
async def test_says_at_which_rule_a_record_fails(club, attribute, rule, change):
    club.execute(change)
    source = await club.open()
    with pytest.raises(AttributeInvalid) as refused:
        await source.read(ZOE, IDENTITY, [attribute])
    assert (refused.value.attribute, refused.value.rule) == (attribute, rule)


async def test_one_attribute_that_fails_fails_the_whole_reading(club):
    source = await club.open()
    with pytest.raises(AttributeMissing):
        await source.read(WEI, IDENTITY, ["family_name", "birthdate"])
    assert await source.read(WEI, IDENTITY, ["family_name"]) == {"family_name": "王"}


async def test_refuses_a_schema_that_is_not_mapped(club):
    with pytest.raises(SchemaNotMapped) as refused:
        await (await club.open()).read(ZOE, ACCOUNT, ["iban"])
    assert (refused.value.institution, refused.value.schema) == ("the club", ACCOUNT)


async def test_refuses_an_attribute_that_is_not_mapped(club):
    with pytest.raises(AttributeNotMapped) as refused:
        await (await club.open()).read(ZOE, LICENCE, ["document_number", "portrait"])
    assert refused.value.attribute == "portrait"


# -------------------------------------------------------------------- a mapping that does not fit


@pytest.mark.parametrize(
    ("old", "new", "table", "column", "near"),
    [
        ("  table: members", "  table: member", "member", None, "members"),
        ("    table: homes", "    table: dwellings", "dwellings", None, None),
        ("column: born", "column: borm", "members", "borm", "born"),
        ("home.street", "home.STREET", "homes", "STREET", "street"),
        ("by: [since]", "by: [moved_in]", "homes", "moved_in", None),
        ("{ member: record.id }\n    rows: one", "{ who: record.id }\n    rows: one", "cards", "who", None),
        ("{ member: record.id }\n    rows: one", "{ member: record.no }\n    rows: one", "members", "no", None),
        ("    state: [A]", "    status: [A]", "members", "status", "state"),
        ("  key: id", "  key: ids", "members", "ids", "id"),
        ("  column: login", "  column: logon", "members", "logon", "login"),
        ("  column: mail", "  column: post", "members", "post", None),
    ],
)
async def test_says_where_the_mapping_names_what_is_not_there(club, old, new, table, column, near):
    club.remap(old, new)
    with pytest.raises(MappingMismatch) as refused:
        await club.open()
    lines = club.mapping.read_text(encoding="utf-8").splitlines()
    assert (column or table) in lines[refused.value.line - 1]
    assert (refused.value.table, refused.value.column, refused.value.near) == (table, column, near)
    assert f"club.yaml:{refused.value.line}: " in str(refused.value)


async def test_a_column_that_goes_after_opening_is_named_when_it_is_read(club):
    source = await club.open()
    club.execute("ALTER TABLE members DROP COLUMN born")
    with pytest.raises(SourceUnavailable, match=r"no such column: members\.born"):
        await source.read(ZOE, IDENTITY, ["birthdate"])


async def test_refuses_text_among_the_values_of_a_column_of_numbers(club):
    club.execute("ALTER TABLE members ADD standing INTEGER")
    club.remap("    state: [A]", "    standing: [good]")
    with pytest.raises(MappingInvalid) as refused:
        await club.open()
    assert refused.value.line == 7
    assert "standing holds whole numbers, so it is never 'good'" in str(refused.value)


async def test_a_deleted_mapping_fails(club):
    club.mapping.unlink()
    with pytest.raises(MappingFileMissing, match="No such file"):
        await club.open()


# -------------------------------------------------------------------- a database that cannot be read


async def test_refuses_a_database_that_is_not_there_and_makes_none(club):
    club.file.unlink()
    with pytest.raises(SourceUnavailable, match="unable to open database file"):
        await club.open()
    assert not club.file.exists()


async def test_refuses_a_file_that_is_no_database(club):
    club.file.write_bytes(b"not a database at all" * 100)
    with pytest.raises(SourceUnavailable, match="file is not a database"):
        await club.open()


async def test_refuses_to_wait_for_a_database_that_stays_locked(club):
    source = await club.open(timeout_seconds=0.3)
    with closing(sqlite3.connect(club.file, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SourceUnavailable, match="database is locked"):
            await source.read(ZOE, IDENTITY, ["family_name"])
    assert await source.read(ZOE, IDENTITY, ["family_name"]) == {"family_name": "Lefèvre"}


async def test_breaks_off_what_takes_too_long(club):
    club.execute(
        "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT -i AS member, '' AS card FROM n"
    )
    club.remap("    table: cards", "    table: endless")
    source = await club.open(timeout_seconds=0.5)
    began = time.monotonic()
    with pytest.raises(SourceTimeout) as refused:
        await source.read(ZOE, LICENCE, ["document_number"])
    assert time.monotonic() - began < 3
    assert refused.value.timeout_seconds == 0.5
    assert await source.read(ZOE, IDENTITY, ["family_name"]) == {"family_name": "Lefèvre"}


async def test_says_that_a_database_server_does_not_answer(club):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SourceUnavailable, match="ConnectionRefusedError"):
        await SqlSource.open(f"postgresql://reader:secret@127.0.0.1:{port}/registry", club.mapping)


async def test_does_not_wait_for_a_database_server_that_says_nothing(club):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://reader:secret@127.0.0.1:{silent.getsockname()[1]}/registry"
        began = time.monotonic()
        with pytest.raises(SourceTimeout):
            await SqlSource.open(url, club.mapping, timeout_seconds=0.3)
        assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "url",
    [
        "",
        "club.sqlite",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:",
        "sqlite+aiosqlite:///file:club.sqlite",
        "sqlite+aiosqlite:///club.sqlite?mode=rw",
        "sqlite+pysqlite:///club.sqlite",
        "postgresql+psycopg2://reader:secret@host/registry",
        "nosuchdatabase://reader:secret@host/registry",
    ],
)
async def test_refuses_what_is_not_the_url_of_a_database_and_does_not_show_it(club, url):
    with pytest.raises(DatabaseUrlInvalid) as refused:
        await SqlSource.open(url, club.mapping)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
async def test_refuses_a_time_out_of_no_time(club, seconds):
    with pytest.raises(DatabaseUrlInvalid, match="above 0 seconds"):
        await club.open(timeout_seconds=seconds)
