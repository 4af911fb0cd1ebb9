"""Copies of a living database and the way back; without them a broken disk would end the history."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL

from shopwatch.domain.errors import Unusable
from shopwatch.storage import opening
from shopwatch.storage.database import Database
from shopwatch.storage.migrating import REVISION

_HEADER = b"SQLite format 3\0"
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


async def back_up(database: Database, target: Path) -> None:
    """Copy the database to ``target`` while it is used; the file is there whole, or as it was.

    Raises:
        Unusable: the file cannot be written or is the database itself, or the database is PostgreSQL.
    """
    _refuse_postgres(database.url, "backed up with pg_dump")
    source = Path(str(database.url.database))
    await database.read(lambda _: _copy(source, target))


def restored_file(where: str | Path) -> Path:
    """The file a restore replaces.

    Raises:
        Unusable: the database is PostgreSQL.
    """
    url = opening.address(where)
    _refuse_postgres(url, "restored with pg_restore")
    return Path(str(url.database))


def restore(where: str | Path, source: Path) -> None:
    """Make the backup ``source`` the database at ``where``; what was there stays beside it as ``….replaced``.

    Raises:
        Unusable: the backup is none of ours, of a newer version or damaged, or the database is in use;
            it then stays as it is.
    """
    target = restored_file(where).resolve()  # a link to another disk stays one
    _check(source)
    with opening.said_plainly(URL.create("sqlite", database=str(target))):
        _free(target)
    fresh = target.with_name(f"{target.name}.restored")
    _copy(source, fresh)
    try:
        if target.exists():
            _keep(target, target.with_name(f"{target.name}.replaced"))
        # A journal of the old file would be played into the restored one.
        for journal in ("-wal", "-shm"):
            target.with_name(f"{target.name}{journal}").unlink(missing_ok=True)
        fresh.replace(target)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise Unusable(f"The database {target} cannot be replaced: {error.strerror}") from error


def _keep(target: Path, aside: Path) -> None:
    """Give the file a second name: at no moment is there none under the first, whatever kills us."""
    aside.unlink(missing_ok=True)
    try:
        aside.hardlink_to(target)
    except OSError:  # a disk that knows no second names
        target.replace(aside)


def _copy(source: Path, target: Path) -> None:
    if target.exists() and target.samefile(source):  # those who have it open would go on in the old one
        raise Unusable(f"{target} is the database itself: name another file for the backup")
    if target.is_dir():
        raise Unusable(f"{target} is a folder: name a file for the backup")
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with (
            opening.said_plainly(URL.create("sqlite", database=str(target))),
            closing(_connect(source)) as living,
            closing(sqlite3.connect(part)) as copy,
        ):
            living.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a journal beside it
        part.replace(target)
    except OSError as error:
        raise Unusable(f"{target} cannot be written: {error.strerror}") from error
    finally:
        if part.exists():
            part.unlink()


def _free(target: Path) -> None:
    """Fold the journal into the file, which SQLite refuses while anyone else has it open."""
    if not target.exists():
        return
    try:
        with closing(sqlite3.connect(target, timeout=0.1)) as living:
            living.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in _DAMAGED:
            raise  # a damaged one is what a backup is for


def _check(source: Path) -> None:
    if not source.is_file():
        raise Unusable(f"There is no backup {source}")
    address = URL.create("sqlite", database=str(source))
    if not _is_sqlite(source):
        raise Unusable(f"{source} is no backup of Shopwatch; nothing was changed")
    with opening.said_plainly(address), closing(_connect(source)) as backup:
        problem = backup.execute("PRAGMA quick_check(1)").fetchone()[0]
        tables = {name for (name,) in backup.execute("SELECT name FROM sqlite_master")}
        ours = {"alembic_version", "stock_states"} <= tables
        revision = backup.execute("SELECT version_num FROM alembic_version").fetchone() if ours else None
    if problem != "ok":
        raise Unusable(f"The backup {source} is damaged: {problem}")
    if revision is None:
        raise Unusable(f"{source} is no backup of Shopwatch; nothing was changed")
    if revision[0] > REVISION:
        raise Unusable(f"The backup {source} was made by a newer Shopwatch (revision {revision[0]})")


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_HEADER)) == _HEADER


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _refuse_postgres(url: URL, way: str) -> None:
    if url.get_backend_name() != "sqlite":
        raise Unusable(f"A PostgreSQL database is {way}, not by Shopwatch")
