"""Opening a database so that it can be read and not be written.

Any database that SQLAlchemy has an asynchronous driver for. SQLite itself refuses a write: its file is opened with
``mode=ro`` and ``query_only``. So does PostgreSQL, where every transaction is read only. With other databases, give an
account that may only read: nothing but SELECT is sent, and nothing is committed.

Every operation has a connection of its own: what it reads is what the database holds at that moment, also after an
SQLite file was replaced.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote

from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.engine.interfaces import AdaptedConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidRequestError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from consentry.sources.errors import DatabaseUrlInvalid, SourceTimeout, SourceUnavailable

_STEPS_BETWEEN_LOOKS: Final = 10_000
"""SQLite virtual machine instructions between two looks at the time; well under 1 ms."""

_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
"""The driver that is meant where a URL names none."""

Result = TypeVar("Result")


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
            url: Its SQLAlchemy URL, such as ``sqlite+aiosqlite:///FILE``.
            timeout_seconds: How long one operation may take; above 0.

        Returns:
            The database.

        Raises:
            DatabaseUrlInvalid: It is not such a URL, its driver is not there or not asynchronous, or the time is not
                above 0.
        """
        if not timeout_seconds > 0:
            raise DatabaseUrlInvalid("the time-out must be above 0 seconds")
        parts = _parts(url)
        if parts.get_backend_name() == "sqlite":
            return cls(_sqlite_engine(_sqlite_file(parts), timeout_seconds), timeout_seconds)
        return cls(_server_engine(parts), timeout_seconds)

    async def reading(self, read: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
        """Read, in one transaction: all that is read is of one moment.

        Args:
            read: Reads by a connection.

        Returns:
            What it returns.

        Raises:
            SourceUnavailable: The database cannot be read now.
            SourceTimeout: It does not answer in time.
        """
        failure: SourceUnavailable | SourceTimeout
        # What SQLite does is broken off in the driver's thread, which is waited for; see below.
        limit = None if self._is_sqlite else self._timeout_seconds
        try:
            return await asyncio.wait_for(self._connected(read), limit)
        except asyncio.TimeoutError:
            failure = SourceTimeout(self._timeout_seconds)
        except (SQLAlchemyError, OSError) as error:
            failure = self._failure(error)
        # Raised outside the handler: the library's own exception keeps what was asked.
        raise failure

    async def close(self) -> None:
        """Let go of what is open."""
        await self._engine.dispose()

    @property
    def _is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    async def _connected(self, read: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
        connection = await self._connection()
        try:
            return await read(connection)
        finally:
            await connection.close()

    async def _connection(self) -> AsyncConnection:
        try:
            return await self._engine.connect()
        except (SQLAlchemyError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - while it connects, a driver raises what it likes
            raise DBAPIError(None, None, error) from None

    def _failure(self, error: SQLAlchemyError | OSError) -> SourceUnavailable | SourceTimeout:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        said = str(cause)
        if not self._is_sqlite:
            # Others quote values in what they say.
            return SourceUnavailable(type(cause.__cause__ or cause).__name__)
        # What SQLite says of a SELECT names tables and columns, never values.
        return SourceTimeout(self._timeout_seconds) if said == "interrupted" else SourceUnavailable(said)


def _parts(url: str) -> URL:
    try:
        parts = make_url(url)
    except ArgumentError:
        parts = None
    # Raised outside the handler: the library's own exception may show the URL.
    if parts is None:
        raise DatabaseUrlInvalid("it is not a URL")
    return parts.set(drivername=_DRIVERS.get(parts.drivername, parts.drivername))


def _server_engine(url: URL) -> AsyncEngine:
    options = {}
    if url.get_backend_name() == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    try:
        return create_async_engine(url, hide_parameters=True, poolclass=NullPool, execution_options=options)
    except (ArgumentError, InvalidRequestError, ImportError):
        raise DatabaseUrlInvalid(f"there is no asynchronous driver {url.drivername} here") from None


def _sqlite_file(parts: URL) -> Path:
    name = parts.database
    if parts.drivername != "sqlite+aiosqlite" or not name or name == ":memory:" or name.startswith("file:"):
        raise DatabaseUrlInvalid("it must name a file")
    if parts.query:
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
        # A connection serves one operation, so its age is how long that has taken.
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
