"""Which channel has which alert; without it a channel that works would hear again what another missed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.ports import DeliveryRow
from shopwatch.storage.database import Database
from shopwatch.storage.sql import insert
from shopwatch.storage.stock_tables import deliveries


class SqlDeliveries:
    """A ``ports.Deliveries``: one row an alert and channel, the last word wins."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def done(self, row_ids: Sequence[int]) -> dict[int, frozenset[str]]:
        query = sa.select(deliveries.c.alert_id, deliveries.c.channel)
        query = query.where(deliveries.c.alert_id.in_(row_ids), deliveries.c.ok)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        found: dict[int, set[str]] = defaultdict(set)
        for row_id, channel in rows:
            found[row_id].add(channel)
        return {row_id: frozenset(channels) for row_id, channels in found.items()}

    async def mark(
        self, row_ids: Sequence[int], key: str, name: str, now: datetime, *, error: str = ""
    ) -> None:
        words = {"channel": key, "name": name, "at": now, "ok": not error, "attempts": 1, "error": error}
        rows = [{"alert_id": row_id, **words} for row_id in row_ids]

        def work(connection: Connection) -> None:
            statement = insert(connection, deliveries).values(rows)
            changed = {column: statement.excluded[column] for column in ("name", "at", "ok", "error")}
            tries = {"attempts": deliveries.c.attempts + 1}
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["alert_id", "channel"], set_={**changed, **tries}
                )
            )

        await self._database.write(work)

    async def of(self, row_ids: Sequence[int]) -> dict[int, list[DeliveryRow]]:
        query = sa.select(deliveries).where(deliveries.c.alert_id.in_(row_ids)).order_by(deliveries.c.channel)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        found: dict[int, list[DeliveryRow]] = defaultdict(list)
        for row in rows:
            found[row["alert_id"]].append(
                DeliveryRow(
                    channel=row["name"],
                    at=row["at"],
                    ok=row["ok"],
                    attempts=row["attempts"],
                    error=row["error"],
                )
            )
        return dict(found)
