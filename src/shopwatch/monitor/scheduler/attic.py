"""What was learnt of single products, kept while nobody watches them and over a restart."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from shopwatch.monitor.scheduler.lane import Lane
from shopwatch.monitor.scheduler.learning import HALF_LIFE_S, RECENT_HALF_LIFE_S
from shopwatch.monitor.scheduler.steady import SteadyTime
from shopwatch.monitor.scheduler.table import Rows

COUNTS = ("restocks", "exposure", "sellouts", "in_time", "recent")
WORTH_KEEPING_S = 3 * HALF_LIFE_S

Record = tuple[float, float, bool, *tuple[float, ...]]  #: last look, since (both told), in stock, counts


class Kept(NamedTuple):
    """A product's record and when it was made."""

    at: float  # told time
    record: Sequence[float]
    restock_times: Sequence[int] = ()


class Attic:
    """The records of one retailer's products that are not in its lane."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}

    def put_away(self, lane: Lane, skus: Iterable[str], time: SteadyTime, now: float) -> None:
        """Keep what was learnt of products that are not watched any more; they may come back."""
        told, t = time.told(now), lane.table
        rows = np.array([row for sku in skus if t.known[row := t.row[sku]]], np.intp)
        for row, record in zip(rows.tolist(), zip(*columns(lane, rows, time), strict=True), strict=True):
            times = lane.learning.restock_times.pop(t.skus[row], [])
            self.kept[t.skus[row]] = Kept(told, record, times)
        for sku in [sku for sku, kept in self.kept.items() if told - kept.at > WORTH_KEEPING_S]:
            del self.kept[sku]

    def fetch(self, lane: Lane, rows: Rows, time: SteadyTime, now: float) -> None:
        """Give products that are watched (again) what was kept of them, faded by its age."""
        t = lane.table
        for row in rows.tolist():
            kept = self.kept.pop(t.skus[row], None)
            if kept is None:
                continue
            last, since, in_stock, *counts = kept.record
            age_s = max(0.0, time.told(now) - kept.at)
            for name, count in zip(COUNTS, counts, strict=True):
                half_life_s = RECENT_HALF_LIFE_S if name == "recent" else HALF_LIFE_S
                getattr(t, name)[row] = count * 0.5 ** (age_s / half_life_s)
            t.last[row] = min(last + time.behind_s, now)
            t.since[row] = min(since + time.behind_s, now)
            t.known[row], t.in_stock[row] = True, bool(in_stock)
            t.not_before[row] = t.last[row] + lane.budget.limits.min_gap_s
            t.note_plain(row)
            if kept.restock_times:
                lane.learning.restock_times[t.skus[row]] = list(kept.restock_times)


def columns(lane: Lane, rows: Rows, time: SteadyTime) -> list[list[Any]]:
    """Return what the records of ``rows`` are made of, column by column."""
    t = lane.table
    last, since = ((getattr(t, name)[rows] - time.behind_s).round(3).tolist() for name in ("last", "since"))
    counts = [getattr(t, name)[rows].astype(float).round(4).tolist() for name in COUNTS]
    return [last, since, t.in_stock[rows].astype(int).tolist(), *counts]
