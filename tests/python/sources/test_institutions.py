"""The story's institutions: two people sign in to them by real codes, and what they hold is read."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from consentry.demo import institutions as module
from consentry.demo.cast import BANK, LICENCE_OFFICE, UTILITY
from consentry.demo.institutions import TooFewPeople, open_institutions
from consentry.demo.story import CONNECT_UTILITY, OPEN_ACCOUNT, RENEW_LICENCE, RENT
from consentry.sources import ConsentNotBound, MappingFileMissing, TargetExists
from tests.python.sources.conftest import SEED

pytestmark = pytest.mark.asyncio

CONSENT = bytes([1]) * 32


@pytest.fixture
def folder(generated, tmp_path):
    """Systems of record of this test's own."""
    return shutil.copytree(generated.bank.parent, tmp_path / "data")


async def test_makes_the_systems_of_record_where_there_are_none(tmp_path, generated):
    opened = await open_institutions(tmp_path / "data", people=200, seed=SEED)
    assert opened.names() == ("Northern Bank", "Licence Office", "City Power")
    assert (tmp_path / "data" / "people.csv").read_bytes() == (generated.bank.parent / "people.csv").read_bytes()
    await opened.close()


@pytest.mark.parametrize("member", [BANK, LICENCE_OFFICE, UTILITY], ids=lambda member: member.name)
async def test_both_people_sign_in_everywhere_and_are_somebody_else(folder, member):
    opened = await open_institutions(folder, people=200, seed=SEED)
    institution = opened.of(member)
    records = set()
    for number, person in enumerate(opened.people):
        session = await institution.sign_in(person)
        consent = bytes([number]) * 32
        institution.sessions.bind(session.session_id, consent)
        records.add(institution.sessions.record_for(consent))
    assert len(records) == 2
    await opened.close()


@pytest.mark.parametrize("case", [RENT, OPEN_ACCOUNT, RENEW_LICENCE, CONNECT_UTILITY], ids=lambda case: case.title)
async def test_both_people_have_all_that_each_case_asks_for(folder, case):
    opened = await open_institutions(folder, people=200, seed=SEED)
    institution = opened.of(case.provider)
    for person in opened.people:
        key = await institution.source.find(person.identifier(case.provider))
        read = await institution.source.read(key, case.ask.schema, case.ask.attributes)
        assert set(read) == set(case.ask.attributes)
    await opened.close()


async def test_a_session_at_one_institution_is_none_at_another(folder):
    opened = await open_institutions(folder, people=200, seed=SEED)
    session = await opened.of(BANK).sign_in(opened.people[0])
    opened.of(BANK).sessions.bind(session.session_id, CONSENT)
    with pytest.raises(ConsentNotBound):
        opened.of(UTILITY).sessions.record_for(CONSENT)
    await opened.close()


async def test_a_person_has_one_wallet_so_that_no_key_serves_two_consents(folder):
    opened = await open_institutions(folder, people=200, seed=SEED)
    first, second = opened.people
    network, other_network = object(), object()
    assert first.wallet(network) is first.wallet(network)
    assert first.wallet(network) is not first.wallet(other_network)
    assert first.wallet(network) is not second.wallet(network)
    await opened.close()


async def test_systems_of_record_that_are_there_are_read_as_they_are(folder):
    opened = await open_institutions(folder, people=10, seed=99)
    identifier = opened.people[0].identifier(BANK)
    with closing(sqlite3.connect(folder / "bank.sqlite")) as connection, connection:
        connection.execute("UPDATE CUST_MASTER SET SURNAME = 'Edited' WHERE CUST_NO = ?", (identifier,))
    source = opened.of(BANK).source
    read = await source.read(await source.find(identifier), RENT.ask.schema, ["family_name"])
    assert read == {"family_name": "Edited"}
    await opened.close()


async def test_a_deleted_mapping_fails_the_run(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "packaged_mapping", lambda institution: tmp_path / f"{institution}.yaml")
    with pytest.raises(MappingFileMissing, match=r"bank\.yaml"):
        await open_institutions(folder, people=200, seed=SEED)


async def test_refuses_systems_of_record_without_who_is_who(folder):
    (folder / "people.csv").unlink()
    with pytest.raises(TargetExists):
        await open_institutions(folder, people=200, seed=SEED)


async def test_refuses_institutions_that_know_too_few(folder):
    people = folder / "people.csv"
    people.write_text("".join(people.read_text().splitlines(keepends=True)[:1]))
    with pytest.raises(TooFewPeople):
        await open_institutions(folder, people=200, seed=SEED)
