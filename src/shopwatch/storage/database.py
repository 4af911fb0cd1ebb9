"""The database as repositories see it: one thread writes, a few read, the event loop waits for neither."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError

from shopwatch.domain.errors import Unavailable, Unusable
from shopwatch.storage import opening
from shopwatch.storage.migrating import migrate, migrate_apart

Answer = TypeVar("Answer")
_RACES_LOST_AT_MOST = 20


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Database:
    """An open, migrated database. A unit of work commits whole or leaves no trace; nothing is half done.

    A caller that is cancelled while its work is under way cannot take it back: the work then commits or
    fails by itself, and what it did is to be read from the database.
    """

    def __init__(self, url: URL, *, now: Callable[[], datetime], readers: int) -> None:
        self._url = url
        self.now = now
        self._writer: Engine = opening.writer_engine(url)
        self._reader: Engine = opening.reader_engine(url, readers)
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="database-writer")
        self._reading = ThreadPoolExecutor(readers, thread_name_prefix="database-reader")

    @classmethod
    def open(
        cls,
        where: str | Path,
        *,
        now: Callable[[], datetime] = _utc_now,
        readers: int = 2,
        apart: bool = False,
    ) -> Database:
        """Open the file or URL, making it and its folder if need be, and bring it to the present schema.

        ``now`` stamps what comes without a time of its own: events and alerts. ``apart``: what brings it to
        the present schema is loaded in a process of its own, which ends.

        Raises:
            Invalid: no address of a database.
            Unusable: it cannot be written, is damaged, or is of a newer version.
        """
        url = opening.address(where)
        _make_folder(url)
        database = cls(url, now=now, readers=readers)
        try:
            with opening.said_plainly(url):
                if apart:
                    migrate_apart(database._writer, url)
                migrate(database._writer, database.name)
        except BaseException:
            database.close()
            raise
        return database

    @property
    def name(self) -> str:
        """For people: the file, or the URL without its password."""
        return opening.shown(self._url)

    @property
    def url(self) -> URL:
        return self._url

    @property
    def is_postgres(self) -> bool:
        return self._url.get_backend_name() == "postgresql"

    async def write(self, work: Callable[[Connection], Answer], *, durable: bool = False) -> Answer:
        """Run ``work`` in one transaction, after all writes asked for before.

        ``durable``: the commit is on the disk when this returns. ``work`` may run again from the start
        when another process was in its way, so it must do nothing but talk to its connection.

        Raises:
            Unusable: the database failed.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writing, self._transact, work, durable)

    async def read(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run ``work`` on a connection that cannot write and sees one moment of the database."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reading, self._look, work)

    def close(self) -> None:
        """Finish what was asked for, then leave no thread and no open file."""
        self._writing.shutdown(wait=True)
        self._reading.shutdown(wait=True)
        self._reader.dispose()
        self._writer.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _transact(self, work: Callable[[Connection], Answer], durable: bool) -> Answer:
        with opening.said_plainly(self._url):
            for _ in range(_RACES_LOST_AT_MOST):
                try:
                    return self._attempt(work, durable=durable)
                except DBAPIError as error:
                    if not opening.is_lost_race(error):
                        raise
        raise Unavailable(
            f"The database {self.name} is overloaded: {_RACES_LOST_AT_MOST} tries were lost to others"
        )

    def _attempt(self, work: Callable[[Connection], Answer], *, durable: bool) -> Answer:
        with (
            self._writer.connect() as connection,
            opening.durably(connection) if durable else connection.begin(),
        ):
            return work(connection)

    def _look(self, work: Callable[[Connection], Answer]) -> Answer:
        with opening.said_plainly(self._url), self._reader.connect() as connection, connection.begin():
            return work(connection)


def _make_folder(url: URL) -> None:
    if url.get_backend_name() != "sqlite" or url.database is None:
        return
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unusable(
            f"The database folder {folder} cannot be made: {error.strerror}; choose another with --data-dir"
        ) from error
