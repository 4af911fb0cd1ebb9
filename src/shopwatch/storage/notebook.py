"""Named documents that survive a restart: the scheduler would otherwise learn every morning anew."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import sqlalchemy as sa

from shopwatch.storage.database import Database
from shopwatch.storage.sql import put
from shopwatch.storage.stock_tables import documents


class SqlNotebook:
    """A document is replaced as a whole."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, name: str) -> Mapping[str, object] | None:
        query = sa.select(documents.c.body).where(documents.c.name == name)
        body: Mapping[str, object] | None = await self._database.read(
            lambda connection: connection.execute(query).scalar()
        )
        return body

    async def write(self, name: str, document: Mapping[str, object]) -> None:
        row = {"name": name, "body": document, "written_at": self._database.now()}
        await self._database.write(partial(put, table=documents, rows=[row], keys=("name",)))
