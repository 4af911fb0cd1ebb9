"""Restock alerts held back for a browser's word: let go, corrected, or kept in when it says no."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.domain.stock_state import Alert
from shopwatch.storage import events
from shopwatch.storage.columns import EPOCH
from shopwatch.storage.stock_tables import outbox

WITHHELD = "withheld"  #: the state of an alert that a browser has denied before it left
_REFUTED = "refuted"


def settle(
    connection: Connection, restock_id: int, verdict: str, completion: Alert | None, *, now: datetime
) -> list[events.Happening] | None:
    """Complete the restock's alert in its place; ``None``: it has left already, or there is none."""
    row = connection.execute(sa.select(outbox.c.id, outbox.c.facts).where(_held(restock_id, now))).first()
    if row is None:
        return None
    facts = completion.facts if completion else {}
    if verdict == _REFUTED:
        state, why = WITHHELD, str(facts.get("why") or "the page does not offer it")
        values: Mapping[str, object] = {"state": state, "last_error": f"not confirmed: {why}"}
    else:
        state, told = "pending", {name: facts[name] for name in facts if facts[name] is not None}
        values = {"facts": {**row.facts, **told}, "next_try_at": EPOCH}
    done = connection.execute(outbox.update().where(_held(restock_id, now)).values(**values))
    if done.rowcount != 1:
        return None  # its time came in this moment
    return [events.Happening("alert", now, {"id": row.id, "state": state})]


def is_untold(connection: Connection, restock_id: int, now: datetime) -> bool:
    """Whether nobody has been told of this restock, and perhaps never will be: then its end is no news."""
    kept_in = sa.and_(outbox.c.key == _key(restock_id), outbox.c.state == WITHHELD)
    query = sa.select(outbox.c.id).where(sa.or_(kept_in, _held(restock_id, now)))
    return connection.execute(query).first() is not None


def _held(restock_id: int, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        outbox.c.key == _key(restock_id),
        outbox.c.state == "pending",
        outbox.c.attempts == 0,
        outbox.c.leased_until.is_(None),
        outbox.c.next_try_at > now,
    )


def _key(restock_id: int) -> str:
    return f"restock:{restock_id}"
