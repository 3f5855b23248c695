"""A system of record in a SQL database."""

from __future__ import annotations

import difflib
import math
import re
import string
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, and_, column, func, inspect, literal, select
from sqlalchemy import table as sql_table
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Integer, Numeric, String

from consentry.credentials.errors import SchemaMismatchError
from consentry.credentials.schemas import check_attributes
from consentry.records.canonical import JsonValue
from consentry.schemas import load_schema
from consentry.sources.conversion import ConversionRefused, Converter, text_of
from consentry.sources.database import Database
from consentry.sources.errors import (
    AmbiguousPerson,
    AmbiguousRecord,
    AttributeInvalid,
    AttributeMissing,
    AttributeNotMapped,
    ContactUnusable,
    MappingInvalid,
    MappingMismatch,
    PersonNotFound,
    RecordNotFound,
    SchemaNotMapped,
)
from consentry.sources.mapping import (
    RECORD,
    ColumnRef,
    Columns,
    Constant,
    ObjectOf,
    Order,
    Pieces,
    RowsRule,
    SourceMapping,
    Table,
    Value,
    columns_of,
    load_mapping,
    tables_of,
)
from consentry.sources.source import Channel, Contact, RecordKey

MAX_ROWS: Final = 1_000
"""Greatest number of rows of one table that may belong to one record."""

MAX_IDENTIFIER_CHARACTERS: Final = 256
"""Greatest length of what a person types to name themself."""

DEFAULT_TIMEOUT_SECONDS: Final = 5.0
"""How long one operation may take unless said otherwise."""

# In one way only, so that no two identifiers that a person may type stand for one number.
_WHOLE_NUMBER: Final = re.compile(r"0|-?[1-9][0-9]{0,17}")
_ASCII_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_ADDRESS_FORMS: Final[Mapping[Channel, re.Pattern[str]]] = {
    Channel.SMS: re.compile(r"\+[1-9][0-9]{6,14}"),
    Channel.EMAIL: re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}"),
}

_Row: TypeAlias = Mapping[str, object]
_Item: TypeAlias = "tuple[str, _Row] | None"
_NumberColumns: TypeAlias = Mapping[str, frozenset[str]]


class SqlSource:
    """A system of record in a SQL database, read as a mapping says.

    Every call reads the database as it is at that moment; nothing is kept from one to the next.
    It is a :class:`~consentry.sources.Source`.
    """

    def __init__(self, database: Database, mapping: SourceMapping, number_columns: _NumberColumns) -> None:
        """Wrap a database that fits a mapping; use :meth:`open` instead.

        Args:
            database: The database.
            mapping: The mapping.
            number_columns: By the mapping's name of a table, which of its columns hold numbers.
        """
        self._database = database
        self._mapping = mapping
        self._number_columns = number_columns

    @classmethod
    async def open(cls, url: str, mapping: Path, *, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS) -> SqlSource:
        """Open a system of record, and check that it has what the mapping names.

        Args:
            url: Its SQLAlchemy URL, such as ``sqlite+aiosqlite:///FILE``. It is opened for reading only.
            mapping: The mapping's file.
            timeout_seconds: How long one operation may take; above 0.

        Returns:
            The source.

        Raises:
            MappingFileMissing: The mapping is not there or cannot be read.
            MappingInvalid: The mapping breaks a rule.
            MappingMismatch: The database has no such table or column.
            DatabaseUrlInvalid: It is not a URL that can be opened.
            SourceUnavailable: The database cannot be read now.
            SourceTimeout: It does not answer in time.
        """
        loaded = load_mapping(mapping)
        database = Database.open(url, timeout_seconds=timeout_seconds)
        columns = await database.reading(lambda connection: connection.run_sync(_columns_of_tables, loaded))
        return cls(database, loaded, _checked(loaded, columns))

    @property
    def institution(self) -> str:
        """What the institution is called in messages."""
        return self._mapping.institution

    async def close(self) -> None:
        """Let go of the database."""
        await self._database.close()

    def attributes(self, schema_urn: str) -> tuple[str, ...]:
        """Name the attributes of a schema that the institution holds.

        Args:
            schema_urn: URN of the schema.

        Returns:
            Their names; empty if it knows nothing of the schema.
        """
        return tuple(self._mapping.schemas.get(schema_urn, ()))

    async def find(self, sign_in_identifier: str) -> RecordKey:
        """Find a record; see :meth:`consentry.sources.Source.find`."""
        identifier = unicodedata.normalize("NFC", sign_in_identifier).strip()
        if not identifier or len(identifier) > MAX_IDENTIFIER_CHARACTERS:
            raise PersonNotFound
        if not _is_storable(identifier):
            raise PersonNotFound
        table = self._mapping.tables[RECORD]
        sign_in = self._mapping.sign_in
        wanted: ColumnElement[bool] | None
        if self._mapping.ignore_case and not self._is_number(sign_in):
            wanted = func.lower(column(sign_in.column)) == identifier.translate(_ASCII_LOWER)
        else:
            wanted = self._equals(sign_in, identifier)
        if wanted is None:
            raise PersonNotFound
        columns = [self._mapping.key.column]
        rows = await self._database.reading(lambda connection: self._rows(connection, table, columns, wanted, limit=2))
        if not rows:
            raise PersonNotFound
        if len(rows) > 1:
            raise AmbiguousPerson
        key = _without_fraction(rows[0][self._mapping.key.column])
        if not isinstance(key, (str, int)):
            raise PersonNotFound
        return RecordKey(str(key))

    async def contact(self, key: RecordKey) -> Contact:
        """Read where to reach a person; see :meth:`consentry.sources.Source.contact`."""
        contact = self._mapping.contact
        rows = await self._database.reading(lambda connection: self._record(connection, key, [contact.value]))
        try:
            address = _text(contact.value, rows, None)
        except ConversionRefused:
            address = None
        if address is None or not _ADDRESS_FORMS[contact.channel].fullmatch(address):
            raise ContactUnusable(contact.channel.value)
        return Contact(contact.channel, address)

    async def read(self, key: RecordKey, schema_urn: str, attributes: Sequence[str]) -> Mapping[str, JsonValue]:
        """Read attributes; see :meth:`consentry.sources.Source.read`."""
        mapped = self._mapping.schemas.get(schema_urn)
        if mapped is None:
            raise SchemaNotMapped(self.institution, schema_urn)
        for name in attributes:
            if name not in mapped:
                raise AttributeNotMapped(self.institution, schema_urn, name)
        wanted = {name: mapped[name] for name in attributes}
        values = list(wanted.values())
        rows = await self._database.reading(lambda connection: self._record(connection, key, values))
        read = {name: _attribute(name, value, rows) for name, value in wanted.items()}
        fault = _fault(read, schema_urn)
        if fault is not None:
            raise fault
        return read

    async def _record(
        self, connection: AsyncConnection, key: RecordKey, values: Sequence[Value]
    ) -> Mapping[str, Sequence[_Row]]:
        """Read the rows that some values are made from, and no others, by table."""
        needed = self._needed(values)
        record = self._mapping.tables[RECORD]
        wanted = self._equals(self._mapping.key, key)
        if wanted is None:
            raise RecordNotFound
        found = await self._rows(connection, record, needed[RECORD], wanted, limit=2)
        if not found:
            raise RecordNotFound
        if len(found) > 1:
            raise AmbiguousRecord(RECORD)
        rows: dict[str, Sequence[_Row]] = {RECORD: found}
        for table in self._mapping.tables.values():
            if table.name in needed and table.name != RECORD:
                rows[table.name] = await self._joined(connection, table, needed[table.name], rows)
        return rows

    def _needed(self, values: Iterable[Value]) -> Mapping[str, Sequence[str]]:
        """Name the tables that values are made from, what leads to them, and the columns."""
        columns: dict[str, set[str]] = {RECORD: {self._mapping.key.column}}
        for value in values:
            for name in tables_of(value):
                columns.setdefault(name, set())
            for ref in columns_of(value):
                columns[ref.table].add(ref.column)
        # From the last table to the first: each is joined to earlier ones.
        for table in reversed(tuple(self._mapping.tables.values())):
            if table.name not in columns:
                continue
            columns[table.name].update(order.ref.column for order in table.by)
            for own, other in table.join:
                columns[table.name].add(own.column)
                columns.setdefault(other.table, set()).add(other.column)
        return {name: sorted(named) for name, named in columns.items()}

    async def _joined(
        self,
        connection: AsyncConnection,
        table: Table,
        columns: Sequence[str],
        rows: Mapping[str, Sequence[_Row]],
    ) -> Sequence[_Row]:
        conditions: list[ColumnElement[bool]] = []
        for own, other in table.join:
            from_row = rows[other.table][0][other.column] if rows[other.table] else None
            condition = None if from_row is None else self._equals(own, from_row)
            if condition is None:
                return ()
            conditions.append(condition)
        found = await self._rows(connection, table, columns, and_(*conditions), limit=MAX_ROWS + 1)
        if len(found) > MAX_ROWS or (table.rows is RowsRule.ONE and len(found) > 1):
            raise AmbiguousRecord(table.name)
        if table.rows is RowsRule.ONE or not found:
            return found
        keyed = sorted(((_rank(table, row), row) for row in found), key=lambda pair: pair[0])
        if table.rows is RowsRule.ALL:
            return [row for _, row in keyed]
        if len(keyed) > 1 and keyed[-1][0] == keyed[-2][0]:
            raise AmbiguousRecord(table.name)
        return [keyed[-1][1]]

    async def _rows(
        self,
        connection: AsyncConnection,
        table: Table,
        columns: Sequence[str],
        wanted: ColumnElement[bool],
        *,
        limit: int,
    ) -> Sequence[_Row]:
        # Columns are named without a type, so that what comes back is what the database holds:
        # legacy columns are declared DATE and hold anything.
        source = sql_table(table.table, *(column(name) for name in columns))
        statement = select(*source.columns).where(wanted).limit(limit)
        for only in table.only:
            values = [self._operand(only.ref, value) for value in only.values]
            statement = statement.where(column(only.ref.column).in_([value for value in values if value is not None]))
        result = await connection.execute(statement)
        return [dict(zip(columns, row, strict=True)) for row in result]

    def _is_number(self, ref: ColumnRef) -> bool:
        return ref.column in self._number_columns[ref.table]

    def _equals(self, ref: ColumnRef, value: object) -> ColumnElement[bool] | None:
        operand = self._operand(ref, value)
        return None if operand is None else column(ref.column) == operand

    def _operand(self, ref: ColumnRef, value: object) -> ColumnElement[str | int] | None:
        """Bind a value as its column holds such values; None if it cannot hold this one."""
        value = _without_fraction(value)
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            return None
        if not self._is_number(ref):
            return literal(str(value), String())
        if not _WHOLE_NUMBER.fullmatch(str(value)):
            return None
        return literal(int(value), BigInteger())


def _without_fraction(raw: object) -> object:
    """Write a whole number as one, however the database keeps it; all else stays as it is."""
    if isinstance(raw, (float, Decimal)) and math.isfinite(raw) and raw == int(raw):
        return int(raw)
    return raw


def _is_storable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _columns_of_tables(connection: Connection, mapping: SourceMapping) -> Mapping[str, Mapping[str, bool]]:
    """Read which columns the tables and views have that a mapping names; true for numbers."""
    inspector = inspect(connection)
    there = {*inspector.get_table_names(), *inspector.get_view_names()}
    columns: dict[str, Mapping[str, bool]] = {}
    for table in mapping.tables.values():
        if table.table not in there:
            near = _near(table.table, there)
            raise MappingMismatch(mapping.file, table.line, table.table, None, near)
        columns[table.name] = {
            str(one["name"]): isinstance(one["type"], (Integer, Numeric)) for one in inspector.get_columns(table.table)
        }
    return columns


def _checked(mapping: SourceMapping, columns: Mapping[str, Mapping[str, bool]]) -> Mapping[str, frozenset[str]]:
    """Check that every column that a mapping names is there; tell which ones hold numbers."""
    for ref in sorted(mapping.columns(), key=lambda one: one.line):
        if ref.column not in columns[ref.table]:
            table = mapping.tables[ref.table].table
            near = _near(ref.column, columns[ref.table])
            raise MappingMismatch(mapping.file, ref.line, table, ref.column, near)
    numbers = {name: frozenset(one for one, is_number in named.items() if is_number) for name, named in columns.items()}
    for read in mapping.tables.values():
        for only in read.only:
            for value in only.values:
                if only.ref.column in numbers[read.name] and not _WHOLE_NUMBER.fullmatch(value):
                    raise MappingInvalid(
                        mapping.file,
                        only.ref.line,
                        f"{only.ref.column} holds whole numbers, so it is never {value!r}",
                    )
    return numbers


def _near(name: str, names: Iterable[str]) -> str | None:
    by_folded = {one.casefold(): one for one in names}
    found = difflib.get_close_matches(name.casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else None


def _rank(table: Table, row: _Row) -> tuple[tuple[int, int | float | Decimal, str], ...]:
    """Say where a row stands among others: nothing first, then numbers, then text."""
    try:
        return tuple(_place(order, row[order.ref.column]) for order in table.by)
    except ConversionRefused:
        raise AmbiguousRecord(table.name) from None


def _place(order: Order, raw: object) -> tuple[int, int | float | Decimal, str]:
    if not order.converters and isinstance(raw, (int, float, Decimal)) and math.isfinite(raw):
        return (1, raw, "")
    text = _converted(text_of(raw), order.converters)
    return (0, 0, "") if text is None else (2, 0, text)


def _converted(text: str | None, converters: Sequence[Converter]) -> str | None:
    for converter in converters:
        if text is None:
            return None
        try:
            text = converter.apply(text)
        except ConversionRefused:
            raise ConversionRefused(converter.spec) from None
    return text


def _attribute(name: str, value: Value, rows: Mapping[str, Sequence[_Row]]) -> JsonValue:
    try:
        made = _made(value, rows, None)
    except ConversionRefused as refused:
        rule = str(refused)
    else:
        if made is None:
            raise AttributeMissing(name)
        return made
    raise AttributeInvalid(name, rule)


def _fault(attributes: Mapping[str, JsonValue], schema_urn: str) -> AttributeInvalid | None:
    try:
        check_attributes(attributes, load_schema(schema_urn).json_schema)
    except SchemaMismatchError as error:
        return AttributeInvalid(error.attribute, error.keyword)
    return None


def _made(value: Value, rows: Mapping[str, Sequence[_Row]], item: _Item) -> JsonValue:
    """Make a value; ``item`` is the row of a list that is gone through. None if missing."""
    if isinstance(value, Constant):
        return value.text
    if isinstance(value, Columns):
        return _text(value, rows, item)
    if isinstance(value, ObjectOf):
        return _object(value, rows, item)
    if isinstance(value, Pieces):
        return _pieces(value, rows, item)
    elements = [_made(value.item, rows, (value.table, one)) for one in rows[value.table]]
    return None if not elements or None in elements else elements


def _object(value: ObjectOf, rows: Mapping[str, Sequence[_Row]], item: _Item) -> JsonValue:
    members: dict[str, JsonValue] = {}
    for member in value.members:
        made = _made(member.value, rows, item)
        if made is not None:
            members[member.name] = made
        elif not member.optional:
            return None
    return members or None


def _text(value: Columns, rows: Mapping[str, Sequence[_Row]], item: _Item) -> str | None:
    found = (_raw(ref, rows, item) for ref in value.refs)
    parts = [text for text in map(text_of, found) if text is not None and text not in value.missing]
    return _converted(value.join.join(parts), value.converters) if parts else None


def _pieces(value: Pieces, rows: Mapping[str, Sequence[_Row]], item: _Item) -> JsonValue:
    whole = text_of(_raw(value.ref, rows, item))
    if whole is None or whole in value.missing:
        return None
    pieces: list[JsonValue] = []
    for piece in whole.split(value.separator):
        text = _converted(piece.strip() or None, value.converters)
        if text is not None:
            pieces.append(text if value.member is None else {value.member: text})
    return pieces or None


def _raw(ref: ColumnRef, rows: Mapping[str, Sequence[_Row]], item: _Item) -> object:
    if item is not None and item[0] == ref.table:
        return item[1][ref.column]
    found = rows[ref.table]
    return found[0][ref.column] if found else None
