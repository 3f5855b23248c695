"""Opening a database so that it can be read and not be written.

SQLite for now. The file is opened with ``mode=ro`` and ``query_only``, so that SQLite itself
refuses a write. Every operation has a connection of its own: what it reads is what the file holds
at that moment, also after the file was replaced.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.engine.interfaces import AdaptedConnection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from consentry.sources.errors import DatabaseUrlInvalid, SourceTimeout, SourceUnavailable

_STEPS_BETWEEN_LOOKS: Final = 10_000
"""SQLite virtual machine instructions between two looks at the time; well under 1 ms."""


class Database:
    """A database that is only ever read."""

    def __init__(self, engine: AsyncEngine, timeout_seconds: float) -> None:
        """Wrap an engine; use :meth:`open` instead.

        Args:
            engine: Made so that it cannot write.
            timeout_seconds: How long one operation may take.
        """
        self._engine = engine
        self._timeout_seconds = timeout_seconds

    @classmethod
    def open(cls, url: str, *, timeout_seconds: float) -> Database:
        """Prepare to read a database; nothing is opened yet.

        Args:
            url: ``sqlite+aiosqlite:///FILE`` (``sqlite:///FILE`` will do).
            timeout_seconds: How long one operation may take; above 0.

        Returns:
            The database.

        Raises:
            DatabaseUrlInvalid: It is not such a URL, or the time is not above 0.
        """
        if not timeout_seconds > 0:
            raise DatabaseUrlInvalid("the time-out must be above 0 seconds")
        return cls(_sqlite_engine(_sqlite_file(url), timeout_seconds), timeout_seconds)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection, in one transaction: all that it reads is of one moment.

        Raises:
            SourceUnavailable: The database cannot be read now.
            SourceTimeout: It does not answer in time.
        """
        failure: SourceUnavailable | SourceTimeout
        try:
            async with self._engine.connect() as connection:
                yield connection
            return
        except SQLAlchemyError as error:
            failure = self._failure(error)
        # Raised outside the handler: the library's own exception keeps what was asked.
        raise failure

    async def close(self) -> None:
        """Let go of what is open."""
        await self._engine.dispose()

    def _failure(self, error: SQLAlchemyError) -> SourceUnavailable | SourceTimeout:
        # What SQLite says of a SELECT names tables and columns, never values.
        said = str(getattr(error, "orig", None) or type(error).__name__)
        if said == "interrupted":
            return SourceTimeout(self._timeout_seconds)
        return SourceUnavailable(said)


def _sqlite_file(url: str) -> Path:
    try:
        parts = make_url(url)
    except ArgumentError:
        parts = None
    if parts is None:
        raise DatabaseUrlInvalid("it is not a URL")
    if parts.drivername not in ("sqlite", "sqlite+aiosqlite"):
        raise DatabaseUrlInvalid("only SQLite can be read")
    name = parts.database
    if not name or name == ":memory:" or name.startswith("file:") or parts.query:
        raise DatabaseUrlInvalid("it must name a file, and nothing else")
    return Path(name).absolute()


def _sqlite_engine(file: Path, timeout_seconds: float) -> AsyncEngine:
    engine = create_async_engine(
        URL.create(
            "sqlite+aiosqlite",
            database="file:" + quote(str(file)),
            query={"mode": "ro", "uri": "true"},
        ),
        connect_args={"timeout": timeout_seconds},
        hide_parameters=True,
        poolclass=NullPool,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: AdaptedConnection, _entry: ConnectionPoolEntry) -> None:
        deadline = time.monotonic() + timeout_seconds

        def is_late() -> bool:
            return time.monotonic() >= deadline

        # Transactions are begun below; the driver's own rules would begin none for a SELECT.
        connection.isolation_level = None  # type: ignore[attr-defined]
        connection.run_async(lambda driver: driver.set_progress_handler(is_late, _STEPS_BETWEEN_LOOKS))
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine
