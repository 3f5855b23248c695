"""From the columns of a system of record to the attributes of schemas: one YAML file.

``mapping.schema.json`` beside this module says what may stand in it; what its parts mean together
is checked here. Whether the database has the tables and columns is checked when it is opened.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final, TypeAlias

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry

from consentry.schemas import AttributeUnknown, Schema, SchemaUnknown, load_schema
from consentry.sources.conversion import ConversionRefused, Converter, converter_of
from consentry.sources.errors import MappingFileMissing, MappingInvalid
from consentry.sources.marked import Marked, read_marked
from consentry.sources.source import Channel

RECORD: Final = "record"
"""What the table with one row for each person is called in a mapping."""


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """A column that a mapping names.

    Attributes:
        table: The mapping's name for its table.
        column: Its name in the database.
        line: Where it is named.
    """

    table: str
    column: str
    line: int


@dataclass(frozen=True, slots=True)
class Columns:
    """Text from one column, or from several joined.

    Attributes:
        refs: The columns; at least one.
        join: What stands between those that hold something.
        converters: Applied in order to the joined text.
        missing: Texts that stand for nothing in these columns.
    """

    refs: tuple[ColumnRef, ...]
    join: str
    converters: tuple[Converter, ...]
    missing: frozenset[str]


@dataclass(frozen=True, slots=True)
class Constant:
    """Text that is the same for everybody."""

    text: str


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object.

    Attributes:
        name: Its name.
        value: What it is made from.
        optional: Whether the object does without it where it is missing.
    """

    name: str
    value: Value
    optional: bool


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """An object made of members."""

    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A list with one element for each row of a table.

    Attributes:
        table: The mapping's name for the table.
        item: What an element is made from.
    """

    table: str
    item: Value


@dataclass(frozen=True, slots=True)
class Pieces:
    """A list whose elements stand in one column.

    Attributes:
        ref: The column.
        separator: What stands between them.
        member: Each element becomes an object with just this member; None for plain text.
        converters: Applied in order to each element.
        missing: Texts that stand for nothing in this column.
    """

    ref: ColumnRef
    separator: str
    member: str | None
    converters: tuple[Converter, ...]
    missing: frozenset[str]


Value: TypeAlias = "Columns | Constant | ObjectOf | Rows | Pieces"
"""What an attribute, or a part of one, is made from."""


class RowsRule(enum.Enum):
    """Which rows of a table count."""

    ONE = "one"
    LATEST = "latest"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Order:
    """A column to order rows by, after conversion."""

    ref: ColumnRef
    converters: tuple[Converter, ...]


@dataclass(frozen=True, slots=True)
class Only:
    """A column that must hold one of some values for a row to count."""

    ref: ColumnRef
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that a mapping reads.

    Attributes:
        name: What the mapping calls it.
        table: What the database calls it.
        line: Where it is named.
        join: Its columns, each with the column of an earlier table that it equals; none for the
            record itself.
        only: Which rows count.
        rows: Which of those.
        by: What they are ordered by, the most important first.
    """

    name: str
    table: str
    line: int
    join: tuple[tuple[ColumnRef, ColumnRef], ...]
    only: tuple[Only, ...]
    rows: RowsRule
    by: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class ContactMapping:
    """Where one-time codes are sent."""

    channel: Channel
    value: Columns


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """A mapping that has passed every check that needs no database.

    Attributes:
        file: Name of its file.
        institution: What the institution is called in messages.
        key: The record's column that names a row.
        sign_in: The record's column by which a person names themself.
        ignore_case: Whether capital and small letters (of ASCII) count as one there.
        contact: Where one-time codes are sent.
        tables: The record first, then the others in the order in which they are reached.
        schemas: What each attribute is made from, by URN of the schema and name.
    """

    file: str
    institution: str
    key: ColumnRef
    sign_in: ColumnRef
    ignore_case: bool
    contact: ContactMapping
    tables: Mapping[str, Table]
    schemas: Mapping[str, Mapping[str, Value]]

    def columns(self) -> Iterator[ColumnRef]:
        """Yield every column that the mapping names, in no particular order."""
        yield self.key
        yield self.sign_in
        yield from columns_of(self.contact.value)
        for table in self.tables.values():
            for own, other in table.join:
                yield own
                yield other
            for only in table.only:
                yield only.ref
            for order in table.by:
                yield order.ref
        for attributes in self.schemas.values():
            for value in attributes.values():
                yield from columns_of(value)


def columns_of(value: Value) -> Iterator[ColumnRef]:
    """Yield every column that a value is made from."""
    if isinstance(value, Columns):
        yield from value.refs
    elif isinstance(value, ObjectOf):
        for member in value.members:
            yield from columns_of(member.value)
    elif isinstance(value, Rows):
        yield from columns_of(value.item)
    elif isinstance(value, Pieces):
        yield value.ref


def tables_of(value: Value) -> Iterator[str]:
    """Yield the mapping's name of every table that a value is made from."""
    if isinstance(value, Rows):
        yield value.table
    elif isinstance(value, ObjectOf):
        for member in value.members:
            yield from tables_of(member.value)
    for ref in columns_of(value):
        yield ref.table


def packaged_mapping(institution: str) -> Path:
    """Return where a mapping of a generated system of record stands.

    Args:
        institution: ``bank``, ``licence_office`` or ``utility``.

    Returns:
        The file.

    Raises:
        MappingFileMissing: There is none of that name.
    """
    folder = Path(str(resources.files("consentry.sources").joinpath("mappings")))
    names = sorted(file.stem for file in folder.glob("*.yaml"))
    if institution not in names:
        raise MappingFileMissing(f"{institution}.yaml", f"the package has {', '.join(names)}")
    return folder / f"{institution}.yaml"


def load_mapping(file: Path) -> SourceMapping:
    """Read a mapping.

    Args:
        file: The YAML file.

    Returns:
        The mapping.

    Raises:
        MappingFileMissing: The file is not there or cannot be read.
        MappingInvalid: It breaks a rule; names file and line.
    """
    document = read_marked(file)
    _check_form(file.name, document)
    return _Reader(file.name, document).mapping()


@cache
def _validator() -> Draft202012Validator:
    file = resources.files("consentry.sources").joinpath("mapping.schema.json")
    rules = json.loads(file.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(rules)
    return Draft202012Validator(rules, registry=Registry())


def _check_form(file: str, document: Marked) -> None:
    faults = [
        (*_place(document, error), error.validator == "oneOf", _reason(error))
        for error in _validator().iter_errors(document.plain())
    ]
    if faults:
        line, where, _, reason = min(faults, key=lambda fault: (fault[0], fault[2], fault[3]))
        raise MappingInvalid(file, line, f"{where}{reason}")


def _place(document: Marked, error: ValidationError) -> tuple[int, str]:
    """Find the line of a fault, and name what stands there."""
    path = list(error.absolute_path)
    here = document.at(path)
    names = [str(part) for part in path]
    if isinstance(here.value, Mapping):
        strangers = _strangers(error)
        name = min(strangers, key=lambda one: here.members[one].key_line, default=None)
        if name is None and isinstance(error.instance, str) and error.instance in here.value:
            name = error.instance
        if name is None and not error.validator:
            # Of a member that is forbidden the library tells what it is, not what it is called.
            name = next((one for one, member in here.value.items() if member.plain() == error.instance), None)
        if name is not None:
            return here.members[name].key_line, f"{'.'.join([*names, name])}: "
    return here.key_line, f"{'.'.join(names)}: " if names else ""


def _strangers(error: ValidationError) -> list[str]:
    if error.validator != "additionalProperties" or not isinstance(error.instance, Mapping):
        return []
    known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
    return [name for name in error.instance if name not in known]


def _reason(error: ValidationError) -> str:
    keyword, wanted, instance = error.validator, error.validator_value, error.instance
    if keyword == "required" and isinstance(wanted, list) and isinstance(instance, Mapping):
        return "it lacks " + ", ".join(str(name) for name in wanted if name not in instance)
    if keyword == "oneOf" and isinstance(wanted, list):
        ways = "; ".join(" and ".join(way["required"]) for way in wanted)
        return f"make it in exactly one of these ways: {ways}"
    if keyword == "type":
        kinds = {"string": "text", "object": "a mapping", "array": "a list"}
        asked = wanted if isinstance(wanted, list) else [wanted]
        return "it must be " + " or ".join(kinds.get(str(kind), str(kind)) for kind in asked)
    if keyword == "enum" and isinstance(wanted, list):
        return "it must be one of " + ", ".join(str(choice) for choice in wanted)
    return {
        None: "it does not belong here",
        "const": f"it must be {wanted}",
        "additionalProperties": "nothing of that name belongs here",
        "pattern": "it is not written as a name may be",
        "not": "that name is taken",
        "anyOf": "it must be a column, or a mapping of column and convert",
        "minLength": "it is empty",
        "minItems": "it has too few elements",
        "minProperties": "it is empty",
        "maxLength": "it is too long",
    }.get(keyword if keyword is None else str(keyword), f"it breaks the rule {keyword}")


class _Reader:
    """Turns a document that has the right form into a mapping."""

    def __init__(self, file: str, document: Marked) -> None:
        self._file = file
        self._document = document
        self._missing = self._texts_in(document.members)
        tables = document.members.get("code_tables")
        self._code_tables: Mapping[str, Mapping[str, str]] = {
            name: {code: meaning.text for code, meaning in table.members.items()}
            for name, table in (tables.members.items() if tables is not None else ())
        }
        self._tables: dict[str, Table] = {}

    def mapping(self) -> SourceMapping:
        record = self._document.members["record"].members
        self._tables[RECORD] = Table(
            name=RECORD,
            table=record["table"].text,
            line=record["table"].line,
            join=(),
            only=self._only(RECORD, record),
            rows=RowsRule.ONE,
            by=(),
        )
        tables = self._document.members.get("tables")
        for name, table in tables.members.items() if tables is not None else ():
            self._tables[name] = self._table(name, table.members)
        sign_in = self._document.members["sign_in"].members
        contact = self._document.members["contact"].members
        return SourceMapping(
            file=self._file,
            institution=self._document.members["institution"].text,
            key=self._own(RECORD, record["key"]),
            sign_in=self._own(RECORD, sign_in["column"]),
            ignore_case="match" in sign_in and sign_in["match"].text == "ignore_case",
            contact=ContactMapping(
                Channel(contact["channel"].text),
                Columns(
                    (self._column(contact["column"], None),),
                    "",
                    self._converters(contact),
                    self._missing | self._texts_in(contact),
                ),
            ),
            tables=self._tables,
            schemas={
                urn: self._attributes(urn, schema) for urn, schema in self._document.members["schemas"].members.items()
            },
        )

    def _refuse(self, line: int, reason: str) -> MappingInvalid:
        return MappingInvalid(self._file, line, reason)

    def _table(self, name: str, table: Mapping[str, Marked]) -> Table:
        return Table(
            name=name,
            table=table["table"].text,
            line=table["table"].line,
            join=tuple(
                (ColumnRef(name, own, other.key_line), self._column(other, None))
                for own, other in table["join"].members.items()
            ),
            only=self._only(name, table),
            rows=RowsRule(table["rows"].text),
            by=tuple(self._orders(name, table)),
        )

    def _orders(self, name: str, table: Mapping[str, Marked]) -> Iterator[Order]:
        for order in table["by"].elements if "by" in table else ():
            if isinstance(order.value, str):
                yield Order(self._own(name, order), ())
            else:
                column = self._own(name, order.members["column"])
                yield Order(column, self._converters(order.members))

    def _only(self, name: str, table: Mapping[str, Marked]) -> tuple[Only, ...]:
        if "only" not in table:
            return ()
        return tuple(
            Only(
                ColumnRef(name, column, values.key_line),
                tuple(value.text for value in values.elements),
            )
            for column, values in table["only"].members.items()
        )

    def _attributes(self, urn: str, marked: Marked) -> Mapping[str, Value]:
        try:
            schema = load_schema(urn)
        except SchemaUnknown as error:
            raise self._refuse(marked.key_line, str(error)) from None
        attributes: dict[str, Value] = {}
        for name, value in marked.members.items():
            attributes[name] = self._attribute(schema, name, value)
        return attributes

    def _attribute(self, schema: Schema, name: str, marked: Marked) -> Value:
        try:
            members = schema.members(name)
            is_list = schema.is_list(name)
        except AttributeUnknown as error:
            raise self._refuse(marked.key_line, str(error)) from None
        if isinstance(marked.value, Mapping) and "optional" in marked.value:
            raise self._refuse(
                marked.members["optional"].key_line,
                f"{name}: an attribute that was asked for is never left out; only members are",
            )
        value = self._value(marked, None)
        if is_list != isinstance(value, (Rows, Pieces)):
            kind = "is a list: make it with `list`" if is_list else "is not a list"
            raise self._refuse(marked.key_line, f"{name} of {schema.urn} {kind}")
        element = value.item if isinstance(value, Rows) else value
        found: tuple[str, ...] = ()
        if isinstance(element, Pieces) and element.member is not None:
            found = (element.member,)
        elif isinstance(element, ObjectOf):
            found = tuple(member.name for member in element.members)
        if bool(members) != bool(found):
            kind = f"has members: {', '.join(members)}" if members else "has no members"
            raise self._refuse(marked.key_line, f"{name} of {schema.urn} {kind}")
        for member in found:
            if member not in members:
                raise self._refuse(
                    marked.key_line,
                    f"{name} of {schema.urn} has no member {member}: it has {', '.join(members)}",
                )
        return value

    def _value(self, marked: Marked, rows: str | None) -> Value:
        """Read a value; ``rows`` names the table whose rows are gone through, if one is."""
        if isinstance(marked.value, str):
            return Columns((self._column(marked, rows),), "", (), self._missing)
        parts = marked.members
        missing = self._missing | self._texts_in(parts)
        if "constant" in parts:
            return Constant(parts["constant"].text)
        if "object" in parts:
            return ObjectOf(
                tuple(
                    Member(name, self._value(member, rows), self._is_optional(member))
                    for name, member in parts["object"].members.items()
                )
            )
        if "list" in parts:
            return self._list(parts["list"].members, rows)
        if "column" in parts:
            refs: tuple[ColumnRef, ...] = (self._column(parts["column"], rows),)
        else:
            refs = tuple(self._column(one, rows) for one in parts["columns"].elements)
        join = parts["join"].text if "join" in parts else ""
        return Columns(refs, join, self._converters(parts), missing)

    def _list(self, parts: Mapping[str, Marked], rows: str | None) -> Value:
        if "rows" in parts:
            name = parts["rows"].text
            line = parts["rows"].line
            if rows is not None:
                raise self._refuse(line, "a list of rows cannot stand inside another")
            if name not in self._tables:
                raise self._refuse(line, f"there is no table {name} under tables")
            if self._tables[name].rows is not RowsRule.ALL:
                raise self._refuse(line, f"table {name} must say `rows: all` to make a list")
            return Rows(name, self._value(parts["item"], name))
        return Pieces(
            ref=self._column(parts["column"], rows),
            separator=parts["separator"].text,
            member=parts["member"].text if "member" in parts else None,
            converters=self._converters(parts),
            missing=self._missing | self._texts_in(parts),
        )

    def _column(self, marked: Marked, rows: str | None) -> ColumnRef:
        table, dot, column = marked.text.rpartition(".")
        if not dot:
            table = RECORD
        if table not in self._tables:
            raise self._refuse(marked.line, f"there is no table {table} under tables, or not before this one")
        if self._tables[table].rows is RowsRule.ALL and table != rows:
            raise self._refuse(marked.line, f"table {table} has many rows: use it in a `list` with `rows: {table}`")
        return ColumnRef(table, column, marked.line)

    def _own(self, table: str, marked: Marked) -> ColumnRef:
        return ColumnRef(table, marked.text, marked.line)

    def _converters(self, parts: Mapping[str, Marked]) -> tuple[Converter, ...]:
        converters: list[Converter] = []
        for spec in parts["convert"].elements if "convert" in parts else ():
            try:
                converters.append(converter_of(spec.text, self._code_tables))
            except ConversionRefused as error:
                raise self._refuse(spec.line, str(error)) from None
        return tuple(converters)

    def _is_optional(self, marked: Marked) -> bool:
        if isinstance(marked.value, str) or "optional" not in marked.members:
            return False
        return marked.members["optional"].text == "true"

    def _texts_in(self, parts: Mapping[str, Marked]) -> frozenset[str]:
        if "missing" not in parts:
            return frozenset()
        return frozenset(text.text for text in parts["missing"].elements)
