"""How often was looked: counts by the minute and the hour, so that 50,000 watches need no row per check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy.engine import Connection

from shopwatch.ports import CheckTally
from shopwatch.storage.columns import EPOCH
from shopwatch.storage.database import Database
from shopwatch.storage.many import add_up, update_many
from shopwatch.storage.stock_tables import product_hours, retailer_minutes, stock_states

#: Tallies of one transaction: short enough that another process's write does not wait for the whole flush.
_TOGETHER = 5_000
_SUMS = ("checks", "unknowns", "in_stock_checks")
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


async def add(database: Database, tallies: Sequence[CheckTally]) -> None:
    """Add to the roll-ups and move ``last_checked`` of those with a verdict."""
    in_order = sorted(tallies, key=lambda tally: tally.key)
    for start in range(0, len(in_order), _TOGETHER):
        part = in_order[start : start + _TOGETHER]
        await database.write(partial(_add, tallies=part))


def _add(connection: Connection, tallies: Sequence[CheckTally]) -> None:
    with_verdict = sorted(
        (tally.key, tally.last_checked) for tally in tallies if tally.checks > tally.unknowns
    )
    latest = [
        {"retailer": retailer, "sku": sku, "last_checked": at}
        for (retailer, sku), at in dict(with_verdict).items()
    ]
    update_many(connection, stock_states, latest, keys=("retailer", "sku"), unless="last_checked")
    hours = [{"retailer": tally.key[0], "sku": tally.key[1], **_counts(tally, _HOUR)} for tally in tallies]
    add_up(connection, product_hours, hours, keys=("retailer", "sku", "at"), sums=_SUMS)
    minutes = [{"retailer": tally.key[0], **_counts(tally, _MINUTE)} for tally in tallies]
    add_up(connection, retailer_minutes, minutes, keys=("retailer", "at"), sums=_SUMS)


def _counts(tally: CheckTally, length: timedelta) -> dict[str, object]:
    return {
        "at": EPOCH + (tally.last_checked - EPOCH) // length * length,
        "checks": tally.checks,
        "unknowns": tally.unknowns,
        "in_stock_checks": tally.in_stock_checks,
    }
