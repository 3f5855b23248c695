"""A small club whose members are read through a mapping, generated institutions, and a clock that stands still."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from consentry.sources import SqlSource
from consentry.sources.generation import generate

IDENTITY = "urn:consentry:schema:person-identity:1"
LICENCE = "urn:consentry:schema:driving-licence:1"
ACCOUNT = "urn:consentry:schema:bank-account:1"
RESIDENCE = "urn:consentry:schema:residence-address:1"

NOW = 1_900_000_000
SEED = 5

CLUB_TABLES = """
CREATE TABLE members (id INTEGER PRIMARY KEY, login TEXT, state TEXT, family TEXT, given_1 TEXT, given_2 TEXT,
  born TEXT, nations TEXT, mail TEXT, phone TEXT);
CREATE TABLE homes (member INTEGER, since INTEGER, street TEXT, town TEXT, area TEXT, land TEXT);
CREATE TABLE cards (member INTEGER, card TEXT);
CREATE TABLE rights (member INTEGER, code TEXT, notes TEXT);

INSERT INTO members VALUES (1, 'Zoe', 'A', 'Lefèvre', 'Zoé', 'Anne', '28.02.1990', '1,2', 'zoe@example.org',
  '06 39 98 00 01');
INSERT INTO members VALUES (2, 'wei', 'A', '王', '伟', NULL, '01.01.1900', '2', '?', '?');
INSERT INTO members VALUES (3, 'twin', 'A', 'One', 'Twin', NULL, '01.02.1980', '1', 'twin.one@example.org', '?');
INSERT INTO members VALUES (4, 'TWIN', 'A', 'Two', 'Twin', NULL, '01.02.1980', '1', 'twin.two@example.org', '?');
INSERT INTO members VALUES (5, 'gone', 'X', 'Gone', 'Long', NULL, '01.02.1980', '1', 'gone@example.org', '?');
INSERT INTO homes VALUES (1, 20100101, '1 rue Haute', 'Lyon', 'Rhône', '1');
INSERT INTO homes VALUES (1, 20200101, '2 rue Basse', 'Paris', '?', '1');
INSERT INTO cards VALUES (1, 'C-7');
INSERT INTO rights VALUES (1, 'b', '70;95');
INSERT INTO rights VALUES (1, 'am', NULL);
"""

CLUB_MAPPING = """\
version: 1
institution: the club
record:
  table: members
  key: id
  only:
    state: [A]
sign_in:
  column: login
  match: ignore_case
contact:
  channel: email
  column: mail
missing: ["?"]
tables:
  home:
    table: homes
    join: { member: record.id }
    rows: latest
    by: [since]
  card:
    table: cards
    join: { member: record.id }
    rows: one
  right:
    table: rights
    join: { member: record.id }
    rows: all
    by: [code]
code_tables:
  land: { "1": FR, "2": CN }
schemas:
  urn:consentry:schema:person-identity:1:
    family_name: family
    given_name: { columns: [given_1, given_2], join: " " }
    birthdate: { column: born, convert: ["date:%d.%m.%Y"], missing: ["01.01.1900"] }
    nationalities:
      list: { column: nations, separator: ",", convert: ["code:land"] }
    address:
      object:
        street_address: home.street
        locality: home.town
        region: { column: home.area, optional: true }
        country: { column: home.land, convert: ["code:land"] }
    email: mail
    phone_number: { column: phone, convert: ["phone:+33"] }
  urn:consentry:schema:driving-licence:1:
    issuing_authority: { constant: The Club }
    document_number: card.card
    driving_privileges:
      list:
        rows: right
        item:
          object:
            vehicle_category_code: { column: right.code, convert: [upper] }
            codes:
              list: { column: right.notes, separator: ";", member: code }
              optional: true
"""


class Club:
    """The club's system of record and its mapping, both as files that a test may change."""

    def __init__(self, folder):
        self.file = folder / "club.sqlite"
        self.mapping = folder / "club.yaml"
        self.url = f"sqlite+aiosqlite:///{self.file}"

    def execute(self, statements):
        """Change the system of record, as the club itself does."""
        with closing(sqlite3.connect(self.file)) as connection:
            connection.executescript(statements)

    def remap(self, old, new):
        """Change one place of the mapping."""
        text = self.mapping.read_text(encoding="utf-8")
        assert text.count(old) == 1
        self.mapping.write_text(text.replace(old, new), encoding="utf-8")

    async def open(self, **options):
        """Open the system of record as the club's node does."""
        return await SqlSource.open(self.url, self.mapping, **options)


class StillClock:
    """Tells the same time until it is moved."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now + 0.5  # clocks have fractions


@pytest.fixture
def club(tmp_path):
    """A fresh club."""
    made = Club(tmp_path)
    made.execute(CLUB_TABLES)
    made.mapping.write_text(CLUB_MAPPING, encoding="utf-8")
    return made


@pytest.fixture
def clock():
    """A clock at ``NOW``."""
    return StillClock(NOW)


@pytest.fixture(scope="session")
def generated(tmp_path_factory):
    """Three systems of record, 200 people each, by a seed for which everything occurs. Nobody changes them."""
    return generate(tmp_path_factory.mktemp("generated"), people=200, seed=SEED)
