"""The budget of each host, shared by all processes: each alone would be polite, all together not."""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.ports import Turn
from shopwatch.storage.crawl_tables import host_turns
from shopwatch.storage.database import Database
from shopwatch.storage.sql import insert

_SKEW_S = 60.0  #: what the clocks of two machines may differ by; more is a clock that was set back


class SqlHostTurns:
    """No moment of a host is given out twice, and none before the end of a hold."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, host: str, spacing_s: float, now_s: float) -> Turn:
        return await self._database.write(partial(_reserve, host=host, spacing_s=spacing_s, now_s=now_s))

    async def hold(self, host: str, until_s: float) -> None:
        await self._database.write(partial(_hold, host=host, until_s=until_s))


def _reserve(connection: Connection, host: str, spacing_s: float, now_s: float) -> Turn:
    """A clock set back moves what was given out with it: else all would wait until it is as late again."""
    statement = insert(connection, host_turns).values(
        host=host, free_at_s=now_s + spacing_s, held_until_s=0.0, asked_at_s=now_s
    )
    ahead_s = host_turns.c.asked_at_s - now_s
    set_back_s = sa.case((ahead_s > _SKEW_S, ahead_s), else_=0.0)
    free_at_s = host_turns.c.free_at_s - set_back_s
    held_until_s = host_turns.c.held_until_s - set_back_s
    next_free = sa.case(
        (held_until_s > now_s, free_at_s),
        (free_at_s > now_s, free_at_s + spacing_s),
        else_=now_s + spacing_s,
    )
    taken = statement.on_conflict_do_update(
        index_elements=["host"],
        set_={"free_at_s": next_free, "held_until_s": held_until_s, "asked_at_s": now_s},
    )
    row = connection.execute(taken.returning(host_turns.c.free_at_s, host_turns.c.held_until_s)).one()
    if row.held_until_s > now_s:
        return Turn(row.held_until_s, taken=False)
    return Turn(row.free_at_s - spacing_s)


def _hold(connection: Connection, host: str, until_s: float) -> None:
    statement = insert(connection, host_turns).values(host=host, free_at_s=0.0, held_until_s=until_s)
    longer = host_turns.c.held_until_s < statement.excluded.held_until_s
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["host"], set_={"held_until_s": statement.excluded.held_until_s}, where=longer
        )
    )
