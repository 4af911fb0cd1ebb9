"""How a connection to each database is made: address, pragmas, transactions, and its errors said plainly."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from shopwatch.domain.errors import Invalid, Unavailable, Unusable

BUSY_TIMEOUT_MS = 10_000  #: several processes write the same file
_CACHE_KIB = 16 * 1024
_JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+]+:")  #: longer than the letter of a drive
_SUFFIXES = (".db", ".db3", ".sqlite", ".sqlite3")

#: What a failing SQLite says to people, by its primary result code; any other code is a bug of ours.
_SQLITE_REASONS = {
    sqlite3.SQLITE_PERM: "may not be written; check the permissions of its folder",
    sqlite3.SQLITE_BUSY: (
        f"was locked by another program for {BUSY_TIMEOUT_MS // 1000} s; close that one and try again"
    ),
    sqlite3.SQLITE_LOCKED: "is locked by another program; close that one and try again",
    sqlite3.SQLITE_READONLY: "may not be written; check the permissions of the file and its folder",
    sqlite3.SQLITE_IOERR: "cannot be read or written; check the disk",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore a backup of it",
    sqlite3.SQLITE_FULL: "cannot grow because the disk is full; free some space",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that its folder exists and may be written",
    sqlite3.SQLITE_NOTADB: "is no database or is damaged; restore a backup, or move it away to start anew",
}
#: Of these, what passes without a repair: others write, the disk has room again, its network is back.
_PASSING = frozenset((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR))
#: Classes of PostgreSQL errors that are the server's state and not a bug of ours.
_SERVER_STATES = ("08", "28", "3D", "53", "57", "58")
_PASSING_STATES = ("08", "53", "57", "58")  #: not who one is (28), nor which database (3D)


def address(where: str | Path) -> URL:
    """Read a path or a URL; what is plainly meant as a path is an SQLite file.

    Raises:
        Invalid: a kind of database we cannot speak to, SQLite in memory, or a word that names no file.
    """
    if isinstance(where, Path) or ("://" not in where and _is_a_file(where)):
        return URL.create("sqlite", database=str(where))
    try:
        url = make_url(where)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        what = "give postgresql://…, or a file as ./name or name.db"
        raise Invalid(f"database: not a database address; {what}") from None
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise Invalid(f"database: must be sqlite or postgresql, got {backend!r}")
    if url.database in (None, "", ":memory:"):
        raise Invalid("database: SQLite needs a file; a database in memory would not outlive its process")
    return url


def _is_a_file(where: str) -> bool:
    """Whether it is plainly meant as one: a mistyped word would make an empty database of that name."""
    if _SCHEME.match(where):
        return False
    return os.sep in where or Path(where).suffix in _SUFFIXES or Path(where).is_file()


def shown(url: URL) -> str:
    """The address as people may see it: never with a password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(query={}).render_as_string(hide_password=True)


def writer_engine(url: URL) -> Engine:
    """One connection, for the one thread that writes."""
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True)
    engine = sa.create_engine(url, pool_size=1, max_overflow=0, connect_args=_SQLITE_ARGUMENTS)
    sa.event.listen(engine, "connect", _prepare_writer)
    # IMMEDIATE: what a transaction reads stays true until it writes; DEFERRED would fail half-way instead.
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def reader_engine(url: URL, connections: int) -> Engine:
    """Connections that cannot write; a transaction of theirs sees one moment of the database."""
    if url.get_backend_name() != "sqlite":
        engine = sa.create_engine(
            url,
            pool_size=connections,
            max_overflow=0,
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
        )
        return engine.execution_options(postgresql_readonly=True)
    engine = sa.create_engine(url, pool_size=connections, max_overflow=0, connect_args=_SQLITE_ARGUMENTS)
    sa.event.listen(engine, "connect", _prepare_reader)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


# isolation_level None: the driver starts no transaction by itself, the "begin" listeners do.
_SQLITE_ARGUMENTS = {
    "isolation_level": None,
    "check_same_thread": False,
    "timeout": BUSY_TIMEOUT_MS / 1000,
}


def _prepare_writer(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    _keep_a_journal(connection)
    for pragma in (
        "synchronous=NORMAL",  # kill -9 loses nothing; for power cuts see Database.write(durable=True)
        "foreign_keys=ON",
        f"cache_size=-{_CACHE_KIB}",
        "temp_store=MEMORY",
        f"journal_size_limit={_JOURNAL_LIMIT_BYTES}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _keep_a_journal(connection: sqlite3.Connection) -> None:
    """Ask for the write-ahead log, also of a file that others open for the first time at this moment.

    SQLite refuses that change at once while another process is at the file, whatever its time-out says.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            connection.execute("BEGIN EXCLUSIVE")  # this does wait for the others
            connection.execute("ROLLBACK")
        else:
            return


def _prepare_reader(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "query_only=ON",
        f"cache_size=-{_CACHE_KIB}",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def durably(connection: Connection) -> Iterator[None]:
    """Within, a commit is on the disk when it returns, also if the power fails."""
    if connection.dialect.name != "sqlite":
        with connection.begin():
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO on")
            yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA synchronous=FULL")
    try:
        with connection.begin():
            yield
    finally:
        driver.execute("PRAGMA synchronous=NORMAL")


def is_lost_race(error: DBAPIError) -> bool:
    """PostgreSQL gave up one of two transactions that stood in each other's way: try it again."""
    return getattr(error.orig, "sqlstate", None) in ("40001", "40P01")


@contextmanager
def said_plainly(url: URL) -> Iterator[None]:
    """Turn a failure of the database itself into ``Unusable``; bugs and constraints pass unchanged."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        reason = plain_reason(cause)
        if reason is None:
            raise
        kind = Unavailable if _passes(cause) else Unusable
        raise kind(f"The database {shown(url)} {reason}") from error


def plain_reason(error: BaseException | None) -> str | None:
    """What is wrong in words; ``None`` when it is no failure of the database."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        return _SQLITE_REASONS.get(code)
    if _is_of_server(error):
        state = getattr(error, "sqlstate", None) or "08"
        first_line = next(iter(str(error).splitlines()), "")
        return f"cannot be used: {first_line}" if state.startswith(_SERVER_STATES) else None
    return None


def _passes(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in _PASSING
    return (getattr(error, "sqlstate", None) or "08").startswith(_PASSING_STATES)


def _is_of_server(error: BaseException | None) -> bool:
    """Whether PostgreSQL's driver says so; the driver is loaded only where it is used."""
    return type(error).__module__.startswith("psycopg") and any(
        kind.__name__ in ("OperationalError", "InterfaceError") for kind in type(error).__mro__
    )
