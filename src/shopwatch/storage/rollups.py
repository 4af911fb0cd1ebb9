"""How often was looked: counts by the minute and the hour, so that 50,000 watches need no row per check."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy.engine import Connection

from shopwatch.ports import CheckTally
from shopwatch.storage.database import Database
from shopwatch.storage.many import add_up, update_many
from shopwatch.storage.stock_tables import product_hours, retailer_minutes, stock_states

#: Tallies of one transaction: short enough that another process's write does not wait for the whole flush.
_TOGETHER = 5_000
_SUMS = ("checks", "unknowns", "in_stock_checks")


async def add(database: Database, tallies: Sequence[CheckTally]) -> None:
    """Add to the roll-ups and move ``last_checked`` of those with a verdict."""
    in_order = sorted(tallies, key=lambda tally: tally.key)
    for start in range(0, len(in_order), _TOGETHER):
        part = in_order[start : start + _TOGETHER]
        await database.write(partial(_add, tallies=part))


def _add(connection: Connection, tallies: Sequence[CheckTally]) -> None:
    verdicts = [
        {"retailer": tally.key[0], "sku": tally.key[1], "last_checked": tally.last_checked}
        for tally in tallies
        if tally.checks > tally.unknowns
    ]
    update_many(connection, stock_states, verdicts, keys=("retailer", "sku"), unless="last_checked")
    hours = [
        {
            "retailer": tally.key[0],
            "sku": tally.key[1],
            "at": tally.last_checked.replace(minute=0, second=0, microsecond=0),
            "checks": tally.checks,
            "unknowns": tally.unknowns,
            "in_stock_checks": tally.in_stock_checks,
        }
        for tally in tallies
    ]
    add_up(connection, product_hours, hours, keys=("retailer", "sku", "at"), sums=_SUMS)
    add_up(connection, retailer_minutes, _minutes(tallies), keys=("retailer", "at"), sums=_SUMS)


def _minutes(tallies: Sequence[CheckTally]) -> list[dict[str, object]]:
    totals: dict[tuple[str, datetime], list[int]] = defaultdict(lambda: [0, 0, 0])
    for tally in tallies:
        minute = tally.last_checked.replace(second=0, microsecond=0)
        sums = totals[tally.key[0], minute]
        sums[0] += tally.checks
        sums[1] += tally.unknowns
        sums[2] += tally.in_stock_checks
    return [
        {"retailer": retailer, "at": at, **dict(zip(_SUMS, sums, strict=True))}
        for (retailer, at), sums in sorted(totals.items())
    ]
