"""A mapping: what it says, and at which line it breaks which rule."""

from __future__ import annotations

import pytest

from consentry.schemas import load_schema
from consentry.sources import MappingFileMissing, MappingInvalid, load_mapping, packaged_mapping
from tests.python.sources.conftest import IDENTITY, LICENCE


def test_names_every_column_with_its_line(club):
    lines = club.mapping.read_text(encoding="utf-8").splitlines()
    refs = list(load_mapping(club.mapping).columns())
    assert {(ref.table, ref.column) for ref in refs} >= {
        ("record", "id"),
        ("record", "state"),
        ("home", "member"),
        ("home", "since"),
        ("right", "notes"),
    }
    assert all(ref.column in lines[ref.line - 1] for ref in refs)


def test_says_which_attributes_it_maps(club):
    mapping = load_mapping(club.mapping)
    assert set(mapping.schemas) == {IDENTITY, LICENCE}
    assert list(mapping.schemas[LICENCE]) == ["issuing_authority", "document_number", "driving_privileges"]


@pytest.mark.parametrize("institution", ["bank", "licence_office", "utility"])
def test_the_packaged_mappings_map_every_attribute_of_their_schemas(institution):
    mapping = load_mapping(packaged_mapping(institution))
    for urn, attributes in mapping.schemas.items():
        assert set(attributes) == set(load_schema(urn).attributes)


def test_there_is_no_packaged_mapping_of_another_institution():
    with pytest.raises(MappingFileMissing, match="the package has bank, licence_office, utility"):
        packaged_mapping("hospital")


def test_refuses_a_file_that_is_not_there(tmp_path):
    with pytest.raises(MappingFileMissing) as refused:
        load_mapping(tmp_path / "none.yaml")
    assert refused.value.file == str(tmp_path / "none.yaml")
    assert refused.value.reason == "No such file or directory"


def test_refuses_a_folder(tmp_path):
    with pytest.raises(MappingFileMissing, match="Is a directory"):
        load_mapping(tmp_path)


# Each case changes one place of a good mapping; the marker stands in the line that is named.
RULES = [
    # what the document is made of
    ("version: 1", "version: 2", "version: 2", "version: it must be 1"),
    ("version: 1\n", "", "institution: the club", "it lacks version"),
    ("institution: the club\n", "", "version: 1", "it lacks institution"),
    ("institution: the club", 'institution: ""', "institution:", "institution: it is empty"),
    ("institution: the club", "institution: [the club]", "institution:", "institution: it must be text"),
    ("institution: the club", "institution: the club\nowner: us", "owner", "owner: nothing of that name belongs here"),
    ("  key: id\n", "", "record:", "record: it lacks key"),
    ("  key: id", "  key: a.b", "key: a.b", "record.key: it is not written as a name may be"),
    ("  match: ignore_case", "  match: about", "match: about", "sign_in.match: it must be one of exact, ignore_case"),
    ("  channel: email", "  channel: pigeon", "pigeon", "contact.channel: it must be one of sms, email"),
    ("    state: [A]", "    state: A", "state: A", "record.only.state: it must be a list"),
    ("    state: [A]", "    state: []", "state: []", "record.only.state: it has too few elements"),
    ("  home:\n", "  Home:\n", "Home:", "it is not written as a name may be"),
    ("  home:\n", "  record:\n", "  record:", "that name is taken"),
    ("    rows: latest", "    rows: newest", "newest", "tables.home.rows: it must be one of one, latest, all"),
    ("    by: [since]\n", "", "  home:", "tables.home: it lacks by"),
    ("    rows: one", "    rows: one\n    by: [card]", "by: [card]", "tables.card.by: it does not belong here"),
    ("schemas:\n", "schemas: {}\nrest:\n", "schemas: {}", "schemas: it is empty"),
    ("family_name: family", "family_name: 'a b.c'", "a b.c", "family_name: it is not written as a name may be"),
    ("family_name: family", "family_name: { column: [family] }", "family_name", "it must be text"),
    ("family_name: family", "family_name: {}", "family_name: {}", "make it in exactly one of these ways: column;"),
    (
        "family_name: family",
        "family_name: { column: family, constant: X }",
        "constant: X",
        "make it in exactly one of these ways",
    ),
    ("family_name: family", "family_name: { columns: [family], join: '' }", "columns: [family]", "too few elements"),
    ("family_name: family", "family_name: { column: family, join: x }", "join: x", "it does not belong here"),
    ("family_name: family", "family_name: { column: family, covnert: [upper] }", "covnert", "covnert: nothing of that"),
    (
        "{ constant: The Club }",
        "{ constant: The Club, convert: [upper] }",
        "The Club",
        "issuing_authority.convert: it does not belong here",
    ),
    ('separator: ",", convert', "convert", "list: {", "make it in exactly one of these ways: rows and item; column"),
    # what its parts mean together
    ("person-identity:1", "person-identity:9", "person-identity:9", "person-identity:9"),
    ("    family_name: family", "    surname: family", "surname: family", "surname"),
    ("home.street", "house.street", "house.street", "there is no table house under tables"),
    (
        "join: { member: record.id }\n    rows: latest",
        "join: { member: card.member }\n    rows: latest",
        "card.member }",
        "there is no table card under tables, or not before this one",
    ),
    (
        "document_number: card.card",
        "document_number: right.code",
        "number: right.code",
        "table right has many rows: use it in a `list` with `rows: right`",
    ),
    ("        rows: right", "        rows: rights", "rows: rights", "there is no table rights under tables"),
    ("        rows: right", "        rows: card", "rows: card", "table card must say `rows: all` to make a list"),
    (
        '{ column: right.notes, separator: ";", member: code }',
        "{ rows: right, item: right.notes }",
        "{ rows: right, item",
        "a list of rows cannot stand inside another",
    ),
    (
        "    email: mail",
        "    email: { column: mail, optional: true }",
        "optional: true }",
        "email: an attribute that was asked for is never left out",
    ),
    ("    email: mail", "    email: { list: { column: mail, separator: ',' } }", "email: {", "is not a list"),
    (
        '      list: { column: nations, separator: ",", convert: ["code:land"] }',
        "      column: nations",
        "nationalities:",
        "is a list: make it with `list`",
    ),
    ("    email: mail", "    email: { object: { a: mail } }", "email: {", f"email of {IDENTITY} has no members"),
    ('separator: ",", convert', 'separator: ",", member: code, convert', "nationalities:", "has no members"),
    (
        "person-identity:1:\n",
        "residence-address:1: { address: family }\n  urn:consentry:schema:person-identity:1:\n",
        "address: family",
        "has members: formatted, street_address",
    ),
    ("        locality: home.town", "        city: home.town", "    address:", "has no member city: it has formatted"),
    # converters
    ("[upper]", "[Upper]", "Upper", "there is no converter 'Upper'"),
    ("[upper]", '["upper:x"]', "upper:x", "converter upper takes no argument"),
    ('["date:%d.%m.%Y"]', '["date:%d.%m"]', "date:%d.%m", "date takes formats with year, month and day"),
    ('["date:%d.%m.%Y"]', '["date:"]', '"date:"', "date takes formats"),
    ('["phone:+33"]', '["phone:33"]', "phone:33", "phone takes a country code such as phone:+33"),
    ('["code:land"] }\n    email', '["code:lands"] }\n    email', "code:lands", "there is no code table 'lands'"),
    ("[upper]", '["split:,"]', "split:,", "split takes a separator and a number"),
    ("[upper]", '["remove:"]', "remove:", "remove takes the characters to remove"),
    # YAML that hides what it means
    ("    state: [A]", "    state: [A]\n    state: [B]", "state: [B]", "state stands twice: remove one"),
    ("institution: the club", "institution: &name the club", "&name", "anchors and aliases are not allowed"),
    ("institution: the club", "institution: *name", "*name", "anchors and aliases are not allowed"),
    ("institution: the club", "institution: !!str the club", "!!str", "tags are not allowed"),
    ("  key: id", "  key: id\n   x: y", "x: y", "it is not YAML"),
    ("  key: id", "  [key]: id", "[key]", "a key must be text"),
    ("  key: id", "  key: \x07", None, "it is not YAML"),
    ("version: 1", "--- 1\n--- 2\n", None, "it is not YAML"),
]


@pytest.mark.parametrize(("old", "new", "marker", "reason"), RULES)
def test_names_the_line_and_the_rule_that_is_broken(club, old, new, marker, reason):
    club.remap(old, new)
    with pytest.raises(MappingInvalid) as refused:
        load_mapping(club.mapping)
    assert reason in refused.value.reason
    assert str(refused.value).startswith(f"club.yaml:{refused.value.line}: ")
    if marker is not None:
        lines = club.mapping.read_text(encoding="utf-8").splitlines()
        assert marker in lines[refused.value.line - 1], (refused.value.line, lines[refused.value.line - 1])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "the file is empty"),
        (b"# nothing but words\n", "the file is empty"),
        (b"version: 1\ninstitution: \xff\n", "the file is not UTF-8"),
        (b"a" * (256 * 1024 + 1), "the file is longer than"),
        (b"[" * 40 + b"]" * 40, "it is nested deeper than 32 levels"),
        (b"- version\n", "it must be a mapping"),
    ],
)
def test_refuses_what_is_no_mapping_at_all(club, text, reason):
    club.mapping.write_bytes(text)
    with pytest.raises(MappingInvalid, match=reason):
        load_mapping(club.mapping)


def test_names_the_line_that_is_not_utf_8(club):
    club.mapping.write_bytes(b"version: 1\ninstitution: \xff\n")
    with pytest.raises(MappingInvalid) as refused:
        load_mapping(club.mapping)
    assert refused.value.line == 2


def test_text_that_looks_like_something_else_stays_text(club):
    club.remap('land: { "1": FR, "2": CN }', "land: { 1: NO, 02: 1e3 }")
    club.remap("    state: [A]", "    state: [007, yes, 2020-01-01]")
    mapping = load_mapping(club.mapping)
    assert mapping.tables["record"].only[0].values == ("007", "yes", "2020-01-01")
    assert mapping.schemas[IDENTITY]["nationalities"].converters[0].apply("1") == "NO"
